import { expect, test } from 'vitest';
import { type ClockReply, RoomClock } from '../../src/index.ts';
import { seededRandom } from '../seeded-random.ts';

/** A network in virtual time: the server's clock is `offsetMs` ahead and runs `drift` faster. */
class Network {
  localMs = 1_000;
  offsetMs = 123_456;
  drift = 0;
  /** One-way delays in ms. */
  upMs: () => number;
  downMs: () => number;

  constructor(upMs: () => number, downMs = upMs) {
    this.upMs = upMs;
    this.downMs = downMs;
  }

  get serverMs(): number {
    return this.localMs * (1 + this.drift) + this.offsetMs;
  }

  request = async (t0: number): Promise<ClockReply> => {
    this.localMs += this.upMs();
    const { serverMs } = this;
    this.localMs += this.downMs();
    return { t0, serverMs };
  };
}

function clockOf(network: Network): RoomClock {
  return new RoomClock({ timeMs: () => network.localMs });
}

test('an even delay leaves no error', async () => {
  const network = new Network(() => 40);
  const clock = clockOf(network);
  expect(clock.synced).toBe(false);
  await clock.sync(network.request);
  expect(clock.synced).toBe(true);
  expect(clock.offsetMs).toBe(123_456);
  expect(clock.rttMs).toBe(80);
  expect(clock.nowMs()).toBe(network.serverMs);
  expect(clock.toRoomMs(5)).toBe(123_461);
});

test('40 ms each way with heavy jitter (exponential, mean 25 ms): 16 rounds err by less than 3 ms on average, 12 ms at worst (seed 21)', async () => {
  const random = seededRandom(21);
  let worst = 0;
  let sum = 0;
  for (let run = 0; run < 100; run++) {
    const network = new Network(() => 40 - 25 * Math.log(1 - random()));
    const clock = clockOf(network);
    await clock.sync(network.request, 16);
    const error = Math.abs(clock.nowMs() - network.serverMs);
    worst = Math.max(worst, error);
    sum += error;
    // The promise of the filter: never wrong by more than half the excess of the best round trip.
    expect(error).toBeLessThanOrEqual((clock.rttMs - 80) / 2 + 1e-9);
  }
  expect(sum / 100).toBeLessThan(3);
  expect(worst).toBeLessThan(12);
});

test('a minute of syncs under jitter and 50 ppm of drift stays within 3 ms and never jumps (seed 22)', async () => {
  const random = seededRandom(22);
  const network = new Network(() => 30 - 8 * Math.log(1 - random()));
  network.drift = 50e-6;
  const clock = clockOf(network);
  await clock.sync(network.request, 8);
  let previous = clock.nowMs();
  for (let second = 0; second < 60; second++) {
    for (let frame = 0; frame < 60; frame++) {
      network.localMs += 1000 / 60;
      const now = clock.nowMs();
      expect(now - previous).toBeGreaterThan(16);
      expect(now - previous).toBeLessThan(17.4);
      previous = now;
    }
    if (second > 10) expect(Math.abs(clock.nowMs() - network.serverMs)).toBeLessThan(3);
    if (second % 5 === 0) {
      await clock.sync(network.request);
      previous = clock.nowMs();
    }
  }
});

test('a small correction is slewed at 10 ms a second, a large one is made at once', async () => {
  const network = new Network(() => 10);
  const clock = new RoomClock({ timeMs: () => network.localMs, memory: 1 });
  await clock.sync(network.request);
  network.offsetMs += 20;
  await clock.sync(network.request);
  expect(clock.offsetMs).toBeCloseTo(123_456, 6);
  network.localMs += 1000;
  expect(clock.offsetMs).toBeCloseTo(123_466, 6);
  network.localMs += 5000;
  expect(clock.offsetMs).toBeCloseTo(123_476, 6);
  network.offsetMs += 5_000;
  await clock.sync(network.request);
  expect(clock.offsetMs).toBeCloseTo(128_476, 6);
});

test('failed requests and replies without a time are skipped; if all fail, the error says what to check', async () => {
  const network = new Network(() => 10);
  const clock = clockOf(network);
  let count = 0;
  await clock.sync(async (t0) => {
    count++;
    if (count === 1) throw new Error('timed out');
    if (count === 2) return { t0, serverMs: Number.NaN };
    return network.request(t0);
  }, 3);
  expect(clock.offsetMs).toBe(123_456);
  const failing = clock.sync(() => Promise.reject(new Error('closed')), 2);
  await expect(failing).rejects.toMatchObject({ code: 'clock-unavailable', cause: new Error('closed') });
  expect(clock.offsetMs).toBe(123_456);
});

test('after a reset the next exchange counts alone', async () => {
  const network = new Network(() => 10);
  const clock = clockOf(network);
  await clock.sync(network.request, 4);
  clock.reset();
  expect(clock.synced).toBe(false);
  network.offsetMs = -50;
  await clock.sync(network.request);
  expect(clock.offsetMs).toBeCloseTo(-50, 6);
});
