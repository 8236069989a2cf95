import type { ClientLike } from './room-like.ts';
import type { Listening, Visitor } from './visitor.ts';

/** A visitor whose connection is gone is remembered this long, as they may reconnect, ms. */
const REMEMBER_MS = 30_000;

export interface VisitorsOptions {
  /** Somebody's first message has come. */
  readonly create: (client: ClientLike) => Visitor;
  /** A connection is gone; the visitor may come back. */
  readonly onDisconnect: (visitor: Visitor) => void;
  /** They have not come back. */
  readonly onExpire: (sessionId: string) => void;
}

/** The visitors of a room, through reconnections. */
export class Visitors implements Iterable<Visitor> {
  readonly #options: VisitorsOptions;
  readonly #visitors = new Map<string, Visitor>();
  /** Those whose connection is gone. */
  readonly #absent = new Map<string, NodeJS.Timeout>();
  /** Microphones that were open when their connection broke. */
  readonly #interrupted = new Map<string, Listening>();
  /** Malformed packets of those who have left. */
  #malformed = 0;

  constructor(options: VisitorsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#visitors.size;
  }

  [Symbol.iterator](): Iterator<Visitor> {
    return this.#visitors.values();
  }

  /** Malformed microphone packets so far. */
  get malformed(): number {
    let malformed = this.#malformed;
    for (const { microphone } of this) malformed += microphone.stats.malformed;
    return malformed;
  }

  get(sessionId: string): Visitor | undefined {
    return this.#visitors.get(sessionId);
  }

  /** Whether their connection is gone. */
  isAbsent(sessionId: string): boolean {
    return this.#absent.has(sessionId);
  }

  /** The visitor behind a client; made at their first message, bound anew after a reconnection. */
  of(client: ClientLike): Visitor {
    const { sessionId, ref } = client;
    const known = this.#visitors.get(sessionId);
    if (known?.connection === ref) return known;
    const visitor = known ?? this.#options.create(client);
    visitor.client = client;
    visitor.connection = ref;
    this.#visitors.set(sessionId, visitor);
    this.#stopWaiting(sessionId);
    ref.once('close', () => {
      if (visitor.connection === ref && this.#visitors.has(sessionId)) this.#disconnect(visitor);
    });
    return visitor;
  }

  /** A client has said hello: after a reconnection the microphone is open again if it was. */
  hello(client: ClientLike): void {
    const visitor = this.of(client);
    const listening = this.#interrupted.get(client.sessionId);
    this.#interrupted.delete(client.sessionId);
    if (listening) visitor.open(listening);
  }

  /** Forgets a visitor. @returns Whether they were known. */
  leave(sessionId: string): boolean {
    this.#stopWaiting(sessionId);
    this.#interrupted.delete(sessionId);
    const visitor = this.#visitors.get(sessionId);
    if (!visitor) return false;
    this.#malformed += visitor.microphone.stats.malformed;
    visitor.mute();
    this.#visitors.delete(sessionId);
    return true;
  }

  dispose(): void {
    for (const timer of this.#absent.values()) clearTimeout(timer);
    for (const visitor of this) visitor.mute();
    this.#visitors.clear();
  }

  #disconnect(visitor: Visitor): void {
    const { listening, client } = visitor;
    const { sessionId } = client;
    if (listening) this.#interrupted.set(sessionId, listening);
    const timer = setTimeout(() => this.#options.onExpire(sessionId), REMEMBER_MS);
    timer.unref();
    this.#absent.set(sessionId, timer);
    this.#options.onDisconnect(visitor);
  }

  /** They are back, or do not come any more. */
  #stopWaiting(sessionId: string): void {
    clearTimeout(this.#absent.get(sessionId));
    this.#absent.delete(sessionId);
  }
}
