import {
  BLOCK_SAMPLES,
  type FaceManifest,
  MessageName,
  MessageType,
  type RoomLike,
  writeSpeechPacket,
} from '@parley/sdk';

/** Room clock minus the page's clock. */
const OFFSET_MS = 5_000_000;
const HEADS_AUDIO = 5;

/** A room in the page: one NPC that speaks clicks, with codes of a seeded generator. */
export class FakeRoom implements RoomLike {
  readonly sessionId = 'visitor';
  readonly sent: { type: string; payload: unknown }[] = [];
  readonly state: { parley: { npcs: Map<string, Record<string, unknown>> } };
  readonly onStateChange = Object.assign(
    (callback: (state: unknown) => void) => {
      this.#stateListeners.add(callback);
    },
    { remove: (callback: (state: unknown) => void) => void this.#stateListeners.delete(callback) },
  );
  readonly #manifest: FaceManifest;
  readonly #listeners = new Map<string | number, Set<(payload: unknown) => void>>();
  readonly #stateListeners = new Set<(state: unknown) => void>();
  readonly #timers = new Set<ReturnType<typeof setInterval>>();

  constructor(manifest: FaceManifest, ids: string[]) {
    this.#manifest = manifest;
    const npc = (id: string, index: number) => ({
      id,
      index,
      name: id,
      title: '',
      head: '',
      x: index * 0.6,
      y: 0,
      z: 0,
      yaw: 0,
      status: 'idle',
      lookAt: '',
      caption: '',
      speakerId: '',
      utterance: 0,
    });
    this.state = { parley: { npcs: new Map(ids.map((id, i) => [id, npc(id, i)])) } };
  }

  /** Listeners that Parley still has in the room. */
  get listeners(): number {
    let count = this.#stateListeners.size;
    for (const set of this.#listeners.values()) count += set.size;
    return count;
  }

  nowMs(): number {
    return performance.now() + OFFSET_MS;
  }

  send(type: string, payload?: unknown): void {
    this.sent.push({ type, payload });
  }

  sendBytes(): void {}

  async request(_type: string, payload?: unknown): Promise<unknown> {
    const serverMs = this.nowMs();
    return { t0: (payload as { t0: number }).t0, serverMs };
  }

  onMessage(type: string | number, callback: (payload: unknown) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(callback));
    return () => void listeners.delete(callback);
  }

  change(id: string, values: Record<string, unknown>): void {
    Object.assign(this.state.parley.npcs.get(id)!, values);
    for (const listener of this.#stateListeners) listener(this.state);
  }

  /**
   * Speaks, paced like the server.
   *
   * @param seenAgoMs - The utterance began this long ago, and this visitor comes late.
   */
  speak(id: string, utterance: number, seconds: number, seenAgoMs = 0): void {
    const { heads, classes, fps, lipHeads, neutral, window } = this.#manifest.codec;
    const startMs = this.nowMs() + 300 - seenAgoMs;
    const index = this.state.parley.npcs.get(id)!.index as number;
    this.#emit(MessageName.utterance, {
      npc: id,
      utterance,
      rateHz: 24_000,
      codec: 'pcm16',
      startMs,
      fps,
      heads,
      classes,
    });
    const framesPerBlock = fps / 10;
    const blocks = Math.round(seconds * 10);
    let next = Math.max(0, Math.floor((seenAgoMs - 300) / 100) - Math.ceil(window / framesPerBlock));
    const audibleFrom = Math.floor((seenAgoMs - 300) / 100);
    const timer = setInterval(() => {
      while (next < blocks && this.nowMs() > startMs + next * 100 - 300) {
        const codes = new Uint8Array(framesPerBlock * heads);
        for (let frame = 0; frame < framesPerBlock; frame++) {
          for (let head = 0; head < heads; head++) {
            // The lips change every other frame, as in speech.
            const step = Math.floor((next * framesPerBlock + frame) / 2);
            codes[frame * heads + head] = lipHeads.includes(head)
              ? (neutral[head] + step * 7 + head * 13) % classes
              : neutral[head];
          }
        }
        const codesOnly = next < audibleFrom;
        const audio = codesOnly ? [] : Array.from({ length: HEADS_AUDIO }, (_, frame) => tone(next, frame));
        const packet = {
          first: next === 0,
          last: next === blocks - 1,
          codesOnly,
          npcIndex: index,
          utterance,
          startSample: next * BLOCK_SAMPLES,
          codes,
          codeFrames: framesPerBlock,
          audio,
        };
        this.#emit(MessageType.speech, writeSpeechPacket(packet, { heads, classes }));
        next++;
      }
      if (next >= blocks) this.#end(timer);
    }, 20);
    this.#timers.add(timer);
  }

  stop(id: string, utterance: number, endSample: number): void {
    for (const timer of this.#timers) this.#end(timer);
    this.#emit(MessageName.stop, { npc: id, utterance, endSample });
  }

  close(): void {
    for (const timer of this.#timers) this.#end(timer);
  }

  #end(timer: ReturnType<typeof setInterval>): void {
    clearInterval(timer);
    this.#timers.delete(timer);
  }

  #emit(type: string | number, payload: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(payload);
  }
}

function tone(block: number, frame: number): Uint8Array {
  const pcm = new Int16Array(480);
  for (let i = 0; i < 480; i++) {
    pcm[i] = 8000 * Math.sin((2 * Math.PI * 300 * (block * BLOCK_SAMPLES + frame * 480 + i)) / 24_000);
  }
  return new Uint8Array(pcm.buffer);
}
