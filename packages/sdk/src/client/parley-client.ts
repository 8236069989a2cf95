import { monotonicMs } from '../clock/monotonic-ms.ts';
import { RoomClock, type RoomClockOptions } from '../clock/room-clock.ts';
import { ParleyError } from '../errors.ts';
import type { CodeLayout } from '../packet/code-layout.ts';
import { MessageType, PROTOCOL_VERSION } from '../packet/constants.ts';
import {
  type ActionMessage,
  type CallMessage,
  type ClockReply,
  type DuckMessage,
  type ForgetReply,
  type ListenMessage,
  MessageName,
  type NoticeMessage,
  type StopMessage,
  type TranscriptMessage,
  type UtteranceMessage,
} from '../packet/messages.ts';
import { type MicrophonePacket, writeMicrophonePacket } from '../packet/microphone-packet.ts';
import { readSpeechPacket, readSpeechPacketAddress, type SpeechPacket } from '../packet/speech-packet.ts';
import { type NpcView, readNpcs, sameNpcs } from './npc-view.ts';
import {
  readActionMessage,
  readCallMessage,
  readDuckMessage,
  readNoticeMessage,
  readStopMessage,
  readTranscriptMessage,
  readUtteranceMessage,
} from './read-messages.ts';
import type { RoomLike } from './room-like.ts';

/** What a {@link ParleyClient} tells. */
export interface ParleyClientEvents {
  /** An utterance begins, or is under way when this client joins. */
  utterance: UtteranceMessage;
  /** A block of an utterance that was announced. */
  packet: SpeechPacket;
  /** An utterance goes on at another loudness. */
  duck: DuckMessage;
  /** An utterance ends early. */
  stop: StopMessage;
  transcript: TranscriptMessage;
  notice: NoticeMessage;
  /** An NPC begins to do something, or has done it. */
  action: ActionMessage;
  /** NPCs came, went or changed. */
  npcs: readonly NpcView[];
}

/** Settings of a {@link ParleyClient}. */
export interface ParleyClientOptions extends RoomClockOptions {
  /** The clock is asked again with the first message after this. Default {@link PARLEY_CLIENT_DEFAULTS}. */
  readonly clockIntervalMs?: number;
  /** Requests of the first clock sync. */
  readonly clockRounds?: number;
}

/** Default {@link ParleyClientOptions}. */
export const PARLEY_CLIENT_DEFAULTS = { clockIntervalMs: 5_000, clockRounds: 8 } as const;

/** A function of the page that NPCs may call, see {@link ParleyClient.offer}. */
export type ClientFunction = (
  args: Readonly<Record<string, unknown>>,
  npcId: string,
) => string | undefined | Promise<string | undefined>;

const MAX_RESULT_CHARACTERS = 2_000;
/** Layouts of this many utterances are remembered. */
const MAX_LAYOUTS = 64;

type Listener<K extends keyof ParleyClientEvents> = (event: ParleyClientEvents[K]) => void;

/**
 * Parley's side of a room that a client has joined: messages and packets in, events out. It wraps any room and leaves
 * the host's own messages alone.
 */
export class ParleyClient {
  /** The room's clock; synced soon after construction, see {@link ready}. */
  readonly clock: RoomClock;
  /** Resolves when the clock is synced. Rejects with ParleyError `clock-unavailable` if the room does not answer. */
  readonly ready: Promise<void>;
  /** Counts of what was dropped: bytes or messages that are none, and packets of unknown utterances. */
  readonly stats = { malformed: 0, unannounced: 0 };

  readonly #room: RoomLike;
  readonly #timeMs: () => number;
  readonly #clockIntervalMs: number;
  readonly #clockRounds: number;
  readonly #layouts = new Map<number, CodeLayout>();
  readonly #listeners = new Map<keyof ParleyClientEvents, Set<(event: never) => void>>();
  readonly #functions = new Map<string, ClientFunction>();
  readonly #closers: (() => void)[] = [];
  #npcs: readonly NpcView[] = [];
  #syncedAtMs: number;
  #syncing = false;
  #closed = false;

  /**
   * @param room A joined room. Its Parley handlers are registered here, and `parley:hello` is sent, which makes the
   *   server repeat what is under way.
   */
  constructor(room: RoomLike, options: ParleyClientOptions = {}) {
    this.#room = room;
    this.#timeMs = options.timeMs ?? monotonicMs;
    this.#clockIntervalMs = options.clockIntervalMs ?? PARLEY_CLIENT_DEFAULTS.clockIntervalMs;
    this.#clockRounds = options.clockRounds ?? PARLEY_CLIENT_DEFAULTS.clockRounds;
    this.clock = new RoomClock({ ...options, timeMs: this.#timeMs });
    this.#listen(MessageName.utterance, (payload) => {
      const message = readUtteranceMessage(payload);
      this.#remember(message);
      this.#emit('utterance', message);
    });
    this.#listen(MessageName.duck, (payload) => this.#emit('duck', readDuckMessage(payload)));
    this.#listen(MessageName.stop, (payload) => this.#emit('stop', readStopMessage(payload)));
    this.#listen(MessageName.transcript, (payload) =>
      this.#emit('transcript', readTranscriptMessage(payload)),
    );
    this.#listen(MessageName.notice, (payload) => this.#emit('notice', readNoticeMessage(payload)));
    this.#listen(MessageName.action, (payload) => this.#emit('action', readActionMessage(payload)));
    this.#listen(MessageName.call, (payload) => void this.#answerCall(readCallMessage(payload)));
    this.#listen(MessageType.speech, (payload) => this.#receivePacket(payload));
    this.#watch(room.onStateChange, () => this.#updateNpcs());
    this.#watch(room.onReconnect, () => this.#greet());
    this.#npcs = readNpcs(room.state);
    this.#syncedAtMs = this.#timeMs();
    this.ready = this.#sync(this.#clockRounds);
    // Who does not wait for `ready` still gets later syncs.
    this.ready.catch(() => {});
    this.#greet();
  }

  /** Session id of this visitor. */
  get sessionId(): string {
    return this.#room.sessionId;
  }

  /** The NPCs as last told by the room. */
  get npcs(): readonly NpcView[] {
    return this.#npcs;
  }

  /**
   * Listens to an event.
   * @returns the way to stop.
   */
  on<K extends keyof ParleyClientEvents>(event: K, listener: Listener<K>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /**
   * Says something by text.
   * @param text 1 to 2000 characters.
   * @param npcId Whom to; without it the room chooses.
   * @throws ParleyError `not-connected` while the connection is down.
   */
  say(text: string, npcId?: string): void {
    this.#assertOpen();
    this.#room.send(MessageName.say, npcId === undefined ? { text } : { npc: npcId, text });
  }

  /**
   * Opens or closes the microphone on the server's side.
   * @param on Whether what follows is meant for an NPC.
   * @param npcId Whom it is meant for; without it the room chooses.
   * @param mode `open` (default): a turn ends when the visitor pauses; `push`: when the microphone is closed.
   * @throws ParleyError `not-connected` while the connection is down.
   */
  listen(on: boolean, npcId?: string, mode?: ListenMessage['mode']): void {
    this.#assertOpen();
    this.#room.send(MessageName.listen, {
      on,
      ...(npcId !== undefined && { npc: npcId }),
      ...(mode !== undefined && { mode }),
    });
  }

  /**
   * Tells whom the visitor attends to, as a hint for words that name nobody; without it nobody in particular. A world whose
   * state has the visitors' places and headings needs it only where its own sense of attention is better.
   * @throws ParleyError `not-connected` while the connection is down.
   */
  attend(npcId?: string): void {
    this.#assertOpen();
    this.#room.send(MessageName.attend, npcId === undefined ? {} : { npc: npcId });
  }

  /**
   * Offers a function of this page to NPCs whose persona lists it under `client`. What it returns, or throws, is told to the NPC.
   * @returns the way to withdraw it.
   */
  offer(name: string, run: ClientFunction): () => void {
    this.#functions.set(name, run);
    return () => void this.#functions.delete(name);
  }

  /**
   * Asks the room to delete what its NPCs remember of this visitor.
   * @returns How many of them had something to forget.
   * @throws ParleyError `not-connected` while the connection is down.
   */
  async forgetMe(): Promise<number> {
    this.#assertOpen();
    const { forgotten } = (await this.#room.request(MessageName.forget, {})) as ForgetReply;
    return forgotten;
  }

  /**
   * Sends one microphone frame. Sound is worth nothing later, so it is dropped while the connection is down.
   * @returns whether it was sent.
   */
  sendMicrophone(frame: MicrophonePacket): boolean {
    if (this.#closed || !this.#isOpen()) return false;
    this.#room.sendBytes(MessageType.microphone, writeMicrophonePacket(frame));
    return true;
  }

  /** Leaves the room's events; the room itself stays joined. */
  close(): void {
    this.#closed = true;
    for (const close of this.#closers.splice(0)) close();
    this.#listeners.clear();
  }

  #isOpen(): boolean {
    return this.#room.connection?.isOpen ?? true;
  }

  #assertOpen(): void {
    if (this.#closed || !this.#isOpen())
      throw new ParleyError(
        'not-connected',
        'the room is not connected; wait for it to come back, then try again',
      );
  }

  #greet(): void {
    if (this.#isOpen()) this.#room.send(MessageName.hello, { version: PROTOCOL_VERSION });
  }

  #listen(type: string | number, receive: (payload: unknown) => void): void {
    this.#closers.push(
      this.#room.onMessage(type, (payload: unknown) => {
        this.#syncIfStale();
        try {
          receive(payload);
        } catch (error) {
          if (!(error instanceof ParleyError && error.code.startsWith('malformed-'))) throw error;
          this.stats.malformed++;
        }
      }),
    );
  }

  #watch(signal: RoomLike['onStateChange'], callback: () => void): void {
    if (!signal) return;
    signal(callback);
    this.#closers.push(() => signal.remove(callback));
  }

  async #answerCall({ id, npc, name, arguments: args }: CallMessage): Promise<void> {
    const reply = (ok: boolean, text: string) => {
      if (!this.#closed && this.#isOpen())
        this.#room.send(MessageName.result, { id, ok, text: text.slice(0, MAX_RESULT_CHARACTERS) });
    };
    const run = this.#functions.get(name);
    if (!run) return reply(false, `this page offers no "${name}"`);
    try {
      reply(true, String((await run(args, npc)) ?? 'done'));
    } catch (error) {
      reply(false, error instanceof Error ? error.message : String(error));
    }
  }

  #emit<K extends keyof ParleyClientEvents>(event: K, value: ParleyClientEvents[K]): void {
    const listeners = this.#listeners.get(event);
    if (listeners) for (const listener of listeners) (listener as Listener<K>)(value);
  }

  #receivePacket(payload: unknown): void {
    if (!(payload instanceof Uint8Array))
      throw new ParleyError('malformed-packet', 'a speech packet came as JSON; drop it');
    const layout = this.#layouts.get(readSpeechPacketAddress(payload).utterance);
    if (layout) this.#emit('packet', readSpeechPacket(payload, layout));
    else this.stats.unannounced++;
  }

  #remember(message: UtteranceMessage): void {
    this.#layouts.set(message.utterance, { heads: message.heads, classes: message.classes });
    if (this.#layouts.size > MAX_LAYOUTS) {
      const [oldest] = this.#layouts.keys();
      this.#layouts.delete(oldest);
    }
  }

  #updateNpcs(): void {
    const npcs = readNpcs(this.#room.state);
    if (sameNpcs(npcs, this.#npcs)) return;
    this.#npcs = npcs;
    this.#emit('npcs', npcs);
  }

  /** Messages are when the clock matters, so they carry its upkeep and no timer is needed. */
  #syncIfStale(): void {
    if (this.#syncing || !this.#isOpen() || this.#timeMs() - this.#syncedAtMs < this.#clockIntervalMs) return;
    this.#sync(1).catch(() => {});
  }

  async #sync(rounds: number): Promise<void> {
    this.#syncing = true;
    try {
      const request = (t0: number) => this.#room.request(MessageName.clock, { t0 }) as Promise<ClockReply>;
      await this.clock.sync(request, rounds);
    } finally {
      this.#syncing = false;
      this.#syncedAtMs = this.#timeMs();
    }
  }
}
