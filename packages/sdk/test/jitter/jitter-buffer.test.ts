import { expect, test } from 'vitest';
import { JitterBuffer, type SpeechPacket } from '../../src/index.ts';
import { seededRandom } from '../seeded-random.ts';

const LAYOUT = { heads: 2, classes: 200 };
const NEUTRAL = [7, 8];

/** Block n: frames 3n to 3n+2 hold codes [frame, frame + 1], audio frame i holds its own index. */
function block(n: number, change: Partial<SpeechPacket> = {}): SpeechPacket {
  return {
    first: n === 0,
    last: false,
    codesOnly: false,
    npcIndex: 0,
    utterance: 1,
    startSample: n * 2400,
    codes: Uint8Array.from([0, 1, 1, 2, 2, 3], (x) => (3 * n + x) % 200),
    codeFrames: 3,
    audio: Array.from({ length: 5 }, (_, i) => Uint8Array.of((5 * n + i) % 256)),
    ...change,
  };
}

function newBuffer(capacityMs = 2_000): JitterBuffer {
  return new JitterBuffer({ layout: LAYOUT, neutral: NEUTRAL, capacityMs, historyFrames: 12 });
}

/** Takes audio and writes it down as frame indices, `-` for a lost one. */
function take(buffer: JitterBuffer, deadlineSample: number, aheadSample = deadlineSample): string {
  const taken: string[] = [];
  buffer.takeAudio(deadlineSample, aheadSample, (startSample, frame) => {
    expect(startSample % 480).toBe(0);
    if (frame) expect(frame[0]).toBe((startSample / 480) % 256);
    taken.push(frame ? String(startSample / 480) : '-');
  });
  return taken.join(' ');
}

function windowAt(buffer: JitterBuffer, frame: number, window: number): number[] {
  const out = new Int32Array(window * 2);
  buffer.codesAt(frame, out, window);
  return Array.from({ length: window }, (_, row) => out[row * 2]);
}

test('packets in order come out in order, as far ahead as asked', () => {
  const buffer = newBuffer();
  expect(take(buffer, 0, 10_000)).toBe('');
  buffer.push(block(0));
  buffer.push(block(1));
  expect(take(buffer, 0, 1_440)).toBe('0 1 2');
  expect(take(buffer, 0, 100_000)).toBe('3 4 5 6 7 8 9');
  expect(take(buffer, 50_000, 100_000)).toBe('');
  expect(buffer.stats).toEqual({ received: 2, lost: 0, late: 0, duplicate: 0, dropped: 0 });
});

test('reordered packets come out in order', () => {
  const buffer = newBuffer();
  for (const n of [1, 0, 3, 2]) buffer.push(block(n));
  expect(take(buffer, 0, 100_000)).toBe('0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19');
  expect(buffer.stats.lost).toBe(0);
});

test('a missing packet is waited for until its deadline, then given up; a late one is counted', () => {
  const buffer = newBuffer();
  buffer.push(block(0));
  buffer.push(block(2));
  expect(take(buffer, 2_400, 100_000)).toBe('0 1 2 3 4');
  expect(take(buffer, 3_360, 100_000)).toBe('- -');
  buffer.push(block(1, { audio: block(1).audio }));
  expect(take(buffer, 3_360, 100_000)).toBe('7 8 9 10 11 12 13 14');
  expect(buffer.stats).toMatchObject({ lost: 2, late: 0 });
  const late = newBuffer();
  late.push(block(0));
  late.push(block(2));
  take(late, 7_200, 100_000);
  expect(late.push(block(1))).toBe(true);
  expect(late.stats).toMatchObject({ lost: 5, late: 1 });
  // Its codes still serve the windows of later frames.
  expect(late.hasFrame(4)).toBe(true);
});

test('a stalled stream hands out nothing and loses nothing', () => {
  const buffer = newBuffer();
  buffer.push(block(0));
  expect(take(buffer, 30_000, 30_000)).toBe('0 1 2 3 4');
  expect(take(buffer, 40_000, 40_000)).toBe('');
  expect(buffer.stats.lost).toBe(0);
});

test('duplicates are counted and change nothing', () => {
  const buffer = newBuffer();
  expect(buffer.push(block(0))).toBe(true);
  expect(buffer.push(block(0, { codes: new Uint8Array(6) }))).toBe(false);
  expect(take(buffer, 0, 100_000)).toBe('0 1 2 3 4');
  expect(windowAt(buffer, 2, 3)).toEqual([0, 1, 2]);
  expect(buffer.stats).toMatchObject({ received: 2, duplicate: 1 });
});

test('a late joiner starts at its first block, without losses', () => {
  const buffer = newBuffer();
  buffer.advance(48_100);
  buffer.push(block(19, { codesOnly: true, audio: [] }));
  buffer.push(block(21));
  buffer.push(block(20));
  expect(take(buffer, 48_500, 100_000)).toBe('100 101 102 103 104 105 106 107 108 109');
  expect(buffer.stats).toMatchObject({ lost: 0, dropped: 0 });
  expect(windowAt(buffer, 60, 5)).toEqual([7, 57, 58, 59, 60]);
});

test('windows: neutral before the start, a lost frame repeats the one before', () => {
  const buffer = newBuffer();
  buffer.push(block(0));
  buffer.push(block(2));
  expect(windowAt(buffer, 1, 4)).toEqual([7, 7, 0, 1]);
  expect(windowAt(buffer, 7, 6)).toEqual([2, 2, 2, 2, 6, 7]);
  expect(windowAt(buffer, 5, 2)).toEqual([2, 2]);
  const out = new Int32Array(8);
  expect(buffer.codesAt(0, out, 2, 4)).toBe(true);
  expect([...out]).toEqual([0, 0, 0, 0, 7, 8, 0, 1]);
  expect(buffer.codesAt(4, out, 2)).toBe(false);
});

test('the end is where the last packet ends; end() brings it forward only', () => {
  const buffer = newBuffer();
  buffer.push(block(0));
  expect(buffer.endSample).toBe(Number.POSITIVE_INFINITY);
  buffer.push(block(1, { last: true, audio: block(1).audio.slice(0, 3) }));
  expect(buffer.endSample).toBe(2400 + 3 * 480);
  buffer.end(9_999);
  expect(buffer.endSample).toBe(3_840);
  buffer.end(1_000);
  expect(take(buffer, 100_000, 100_000)).toBe('0 1 2');
});

test('packets beyond the capacity, off the grid or of another width are dropped', () => {
  const buffer = newBuffer(500);
  expect(buffer.push(block(500))).toBe(false);
  expect(buffer.push(block(0, { startSample: 7 }))).toBe(false);
  expect(buffer.push(block(0, { codes: new Uint8Array(3) }))).toBe(false);
  expect(buffer.push(block(1_789_569))).toBe(false);
  expect(buffer.stats).toMatchObject({ received: 4, dropped: 4, duplicate: 0 });
  expect(buffer.push(block(0))).toBe(true);
  buffer.advance(499 * 2400);
  expect(buffer.push(block(500))).toBe(true);
});

test('a long utterance runs through the ring (seed 31: loss, reordering, duplicates)', () => {
  const random = seededRandom(31);
  const buffer = newBuffer(1_000);
  const arrivals: { atBlock: number; n: number }[] = [];
  for (let n = 0; n < 3_000; n++) {
    // The first comes surely, so that the reference knows where audio begins.
    if (n > 0 && random() < 0.1) continue;
    // Sent 4 blocks ahead, up to 3 blocks underway.
    arrivals.push({ atBlock: n - 4 + random() * 3, n });
    if (random() < 0.05) arrivals.push({ atBlock: n - 4 + random() * 3, n });
  }
  arrivals.sort((a, b) => a.atBlock - b.atBlock);
  const came = new Set<number>();
  let next = 0;
  let expected = 0;
  let lost = 0;
  for (let now = 0; now < 2_990; now++) {
    for (; next < arrivals.length && arrivals[next].atBlock <= now; next++) {
      buffer.push(block(arrivals[next].n));
      came.add(arrivals[next].n);
    }
    buffer.takeAudio(now * 2400, now * 2400, (startSample, frame) => {
      expect(startSample).toBe(expected * 480);
      expect(frame !== undefined).toBe(came.has(Math.floor(expected / 5)));
      if (!frame) lost++;
      expected++;
    });
    if (now > 0 && came.has(now - 1)) expect(windowAt(buffer, 3 * now - 1, 1)).toEqual([(3 * now - 1) % 200]);
  }
  expect(expected).toBeGreaterThan(5 * 2_980);
  expect(buffer.stats.lost).toBe(lost);
  expect(lost / expected).toBeGreaterThan(0.08);
  expect(buffer.stats).toMatchObject({ dropped: 0, late: 0 });
});
