import { ParleyError } from '../errors.ts';
import type { ClockReply } from '../packet/messages.ts';
import { monotonicMs } from './monotonic-ms.ts';

/** One `parley:clock` exchange. */
export type ClockRequester = (t0: number) => Promise<ClockReply>;

/** Settings of a {@link RoomClock}. */
export interface RoomClockOptions {
  /** Local time source in ms. Default {@link monotonicMs}. */
  readonly timeMs?: () => number;
  /** Exchanges that are remembered; the one with the shortest round trip decides. Default 16. */
  readonly memory?: number;
  /** Exchanges older than this are forgotten, so that the estimate follows drift. Default 120 000 ms. */
  readonly memoryMs?: number;
  /** How fast a small correction is worked in, in ms per second. Default 10. */
  readonly slewMsPerSecond?: number;
  /** A correction larger than this is made at once. Default 100 ms. */
  readonly stepMs?: number;
}

/** Default {@link RoomClockOptions}. */
export const ROOM_CLOCK_DEFAULTS = {
  memory: 16,
  memoryMs: 120_000,
  slewMsPerSecond: 10,
  stepMs: 100,
} as const;

interface Exchange {
  readonly atMs: number;
  readonly rttMs: number;
  readonly offsetMs: number;
}

/**
 * The room's clock as this client sees it. Each request gives one estimate of the offset, wrong by at most half of
 * its round trip; of the recent ones the shortest round trip is believed (the minimum filter of NTP, RFC 5905).
 * Later corrections are slewed, so that sound and faces never jump.
 */
export class RoomClock {
  readonly #timeMs: () => number;
  readonly #memory: number;
  readonly #memoryMs: number;
  readonly #slewPerMs: number;
  readonly #stepMs: number;
  readonly #exchanges: Exchange[] = [];
  #best: Exchange | undefined;
  /** The offset moves from `#fromOffsetMs` at `#fromMs` towards `#targetOffsetMs`. */
  #fromOffsetMs = 0;
  #fromMs = 0;
  #targetOffsetMs = 0;

  constructor(options: RoomClockOptions = {}) {
    this.#timeMs = options.timeMs ?? monotonicMs;
    this.#memory = options.memory ?? ROOM_CLOCK_DEFAULTS.memory;
    this.#memoryMs = options.memoryMs ?? ROOM_CLOCK_DEFAULTS.memoryMs;
    this.#slewPerMs = (options.slewMsPerSecond ?? ROOM_CLOCK_DEFAULTS.slewMsPerSecond) / 1000;
    this.#stepMs = options.stepMs ?? ROOM_CLOCK_DEFAULTS.stepMs;
  }

  /** Whether the room has answered at least once. Before that the offset is 0. */
  get synced(): boolean {
    return this.#best !== undefined;
  }

  /** Room clock minus local clock, in ms, as used now. */
  get offsetMs(): number {
    return this.#offsetAt(this.#timeMs());
  }

  /** Round trip of the exchange that is believed, in ms; half of it bounds the error. `Infinity` before the first. */
  get rttMs(): number {
    return this.#best?.rttMs ?? Number.POSITIVE_INFINITY;
  }

  /** The room's clock now, in ms. Allocates nothing. */
  nowMs(): number {
    const localMs = this.#timeMs();
    return localMs + this.#offsetAt(localMs);
  }

  /**
   * The room's clock at a moment of the local one.
   * @param localMs Time of the same source as `timeMs`, for instance of an event.
   */
  toRoomMs(localMs: number): number {
    return localMs + this.#offsetAt(localMs);
  }

  /**
   * Asks the room for its time, one request after the other.
   * @param request Sends one `parley:clock` request.
   * @param rounds Number of requests, at least 1. Default 1; the first sync of a connection should use about 8.
   * @throws ParleyError `clock-unavailable` if not one answer was usable.
   */
  async sync(request: ClockRequester, rounds = 1): Promise<void> {
    if (!Number.isInteger(rounds) || rounds < 1)
      throw new RangeError(`rounds must be at least 1, not ${rounds}`);
    // The first sync has nothing to be gentle with: each better estimate replaces the one before.
    const first = !this.synced;
    let failure: unknown;
    let usable = 0;
    for (let round = 0; round < rounds; round++) {
      const t0 = this.#timeMs();
      try {
        const reply = await request(t0);
        if (!Number.isFinite(reply?.serverMs)) throw new TypeError('the reply has no serverMs');
        this.#add(t0, this.#timeMs(), reply.serverMs, first);
        usable++;
      } catch (error) {
        failure = error;
      }
    }
    if (usable === 0)
      throw new ParleyError(
        'clock-unavailable',
        'the room did not answer parley:clock; check that Parley is attached to this room and the connection is open',
        failure,
      );
  }

  /** Forgets every exchange, for instance after a reconnection to another server. The offset stays until the next one. */
  reset(): void {
    this.#exchanges.length = 0;
    this.#best = undefined;
  }

  #add(t0: number, t1: number, serverMs: number, first: boolean): void {
    this.#exchanges.push({ atMs: t1, rttMs: t1 - t0, offsetMs: serverMs - (t0 + t1) / 2 });
    while (this.#exchanges.length > this.#memory || t1 - this.#exchanges[0].atMs > this.#memoryMs)
      this.#exchanges.shift();
    let best = this.#exchanges[0];
    for (const exchange of this.#exchanges) if (exchange.rttMs <= best.rttMs) best = exchange;
    this.#best = best;
    const current = this.#offsetAt(t1);
    this.#fromMs = t1;
    this.#targetOffsetMs = best.offsetMs;
    const step = first || Math.abs(best.offsetMs - current) > this.#stepMs;
    this.#fromOffsetMs = step ? best.offsetMs : current;
  }

  #offsetAt(localMs: number): number {
    const wanted = this.#targetOffsetMs - this.#fromOffsetMs;
    const allowed = Math.max(0, localMs - this.#fromMs) * this.#slewPerMs;
    if (Math.abs(wanted) <= allowed) return this.#targetOffsetMs;
    return this.#fromOffsetMs + Math.sign(wanted) * allowed;
  }
}
