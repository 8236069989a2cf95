import {
  BLOCK_SAMPLES,
  type CodeLayout,
  MessageName,
  MessageType,
  SPEECH_RATE_HZ,
  type UtteranceMessage,
  writeSpeechPacket,
} from '@parley/sdk';
import type { SpeechBlock } from '../speech/speech-blocks.ts';
import type { UtteranceDetails } from '../turn/npc-voice.ts';
import type { ClientLike, RoomLike } from './room-like.ts';

/** How the face is laid out on the wire. */
export interface FaceLayout extends CodeLayout {
  readonly fps: number;
  /** Frames a decoder looks back, the current one included. */
  readonly window: number;
}

interface RunningUtterance {
  readonly npcIndex: number;
  readonly message: UtteranceMessage & UtteranceDetails;
  /** Blocks from the decoder's window before now up to the last one sent. */
  blocks: SpeechBlock[];
}

/** A client that has this much unsent gets no more speech until it has caught up, bytes: some 15 s of it. */
const MAX_BUFFERED_BYTES = 64 * 1024;

/**
 * Sends utterances to everybody who said hello, and what is under way to those who come later. A client that lags
 * loses speech packets, never messages or state.
 */
export class SpeechBroadcast {
  readonly #room: RoomLike;
  readonly #layout: FaceLayout;
  readonly #nowMs: () => number;
  readonly #audience = new Set<string>();
  readonly #running = new Map<string, RunningUtterance>();
  /** Packets that were not sent because a client lagged. */
  droppedPackets = 0;
  #nextUtterance = 1;

  constructor(room: RoomLike, layout: FaceLayout, nowMs: () => number) {
    this.#room = room;
    this.#layout = layout;
    this.#nowMs = nowMs;
  }

  /** Adds a client to the audience and sends it what is under way. */
  join(client: ClientLike): void {
    this.#audience.add(client.sessionId);
    for (const running of this.#running.values()) this.#catchUp(client, running);
  }

  leave(sessionId: string): void {
    this.#audience.delete(sessionId);
  }

  /** Sends a JSON message to the whole audience. */
  message(type: string, payload: object): void {
    for (const client of this.#room.clients)
      if (this.#audience.has(client.sessionId)) client.send(type, payload);
  }

  /** Announces an utterance. @returns Its id. */
  begin(
    npc: { readonly id: string; readonly index: number },
    startMs: number,
    details: UtteranceDetails,
  ): number {
    const { heads, classes, fps } = this.#layout;
    const utterance = this.#nextUtterance++;
    const message = {
      npc: npc.id,
      utterance,
      rateHz: SPEECH_RATE_HZ,
      codec: 'opus' as const,
      startMs,
      fps,
      heads,
      classes,
      ...details,
    };
    this.#running.set(npc.id, { npcIndex: npc.index, message, blocks: [] });
    this.message(MessageName.utterance, message);
    return utterance;
  }

  /** Sends one block of the NPC's running utterance. */
  send(npcId: string, block: SpeechBlock): void {
    const running = this.#running.get(npcId);
    if (!running) return;
    const keepFrom = this.#currentSample(running) - this.#windowSamples() - BLOCK_SAMPLES;
    while (running.blocks.length > 0 && running.blocks[0].startSample < keepFrom) running.blocks.shift();
    running.blocks.push(block);
    const bytes = this.#packet(running, block, false);
    for (const client of this.#room.clients)
      if (this.#audience.has(client.sessionId)) this.#sendBytes(client, bytes);
  }

  /** The NPC's utterance goes on at a share of its loudness. */
  duck(npcId: string, gain: number): void {
    const running = this.#running.get(npcId);
    if (running) this.message(MessageName.duck, { npc: npcId, utterance: running.message.utterance, gain });
  }

  /** Ends the NPC's utterance at a sample, before all of it was sent. */
  stop(npcId: string, endSample: number): void {
    const running = this.#running.get(npcId);
    if (!running) return;
    this.#running.delete(npcId);
    this.message(MessageName.stop, { npc: npcId, utterance: running.message.utterance, endSample });
  }

  /** Forgets the NPC's utterance: it has played out. */
  end(npcId: string): void {
    this.#running.delete(npcId);
  }

  #catchUp(client: ClientLike, running: RunningUtterance): void {
    client.send(MessageName.utterance, running.message);
    const now = this.#currentSample(running);
    for (const block of running.blocks) {
      const endSample = block.startSample + BLOCK_SAMPLES;
      if (endSample <= now - this.#windowSamples()) continue;
      this.#sendBytes(client, this.#packet(running, block, endSample <= now));
    }
  }

  #packet(running: RunningUtterance, block: SpeechBlock, codesOnly: boolean): Uint8Array {
    const { npcIndex, message } = running;
    return writeSpeechPacket(
      { ...block, codesOnly, npcIndex, utterance: message.utterance, audio: codesOnly ? [] : block.audio },
      this.#layout,
    );
  }

  #sendBytes(client: ClientLike, bytes: Uint8Array): void {
    if ((client.ref.bufferedAmount ?? 0) > MAX_BUFFERED_BYTES) this.droppedPackets++;
    else client.sendBytes(MessageType.speech, bytes);
  }

  #currentSample(running: RunningUtterance): number {
    return ((this.#nowMs() - running.message.startMs) * SPEECH_RATE_HZ) / 1000;
  }

  #windowSamples(): number {
    return (this.#layout.window * SPEECH_RATE_HZ) / this.#layout.fps;
  }
}
