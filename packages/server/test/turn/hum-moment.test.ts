import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HumMoment } from '../../src/turn/hum-moment.ts';

let moments: { atMs: number; text: string; withinMs: number }[];
let nowMs: number;
let moment: HumMoment;

beforeEach(() => {
  vi.useFakeTimers();
  nowMs = 0;
  moments = [];
  moment = new HumMoment({
    nowMs: () => nowMs,
    onMoment: (text, withinMs) => moments.push({ atMs: nowMs, text, withinMs }),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

function pass(ms: number): void {
  for (let i = 0; i < ms; i++) {
    nowMs++;
    vi.advanceTimersByTime(1);
  }
}

/** The pause is told 128 ms after the last voice, the words `asrMs` later. */
function pause(spokenMs: number, text: string, asrMs = 60): void {
  pass(128);
  moment.pause(spokenMs);
  pass(asrMs);
  moment.words(text);
}

test('a long speaker who searches for words is hummed to, a quarter of a second into the pause', () => {
  pause(5_000, 'I came here this morning and I would like to');
  pass(2_000);
  expect(moments).toHaveLength(1);
  expect(moments[0]).toMatchObject({ atMs: 250, withinMs: 1_250 });
});

test('what may well be over leaves less time', () => {
  pause(5_000, 'the children, the dog and my old mother');
  pass(2_000);
  expect(moments[0]).toMatchObject({ atMs: 250, withinMs: 650 });
});

test('never in a short turn, nor where the turn is about to end', () => {
  pause(3_500, 'I would like to');
  pass(2_000);
  pause(5_000, 'We came all the way from Leeds to see the telescope.');
  pass(2_000);
  pause(5_000, 'We came from Leeds, so where is the telescope?');
  pass(2_000);
  expect(moments).toEqual([]);
});

test('never when the speaker goes on or is done before, nor when the words come too late', () => {
  pause(5_000, 'I would like to');
  moment.over();
  pass(2_000);
  pause(6_000, 'I would like to', 600);
  pass(2_000);
  pause(6_000, 'the children, the dog and my old mother', 330);
  pass(2_000);
  // A partial transcript outside of a pause is none of its business.
  moment.words('I would like to');
  pass(2_000);
  expect(moments).toEqual([]);
  pause(7_000, 'I would like to', 500);
  pass(1);
  expect(moments).toHaveLength(1);
});

test('the words of one pause are judged once', () => {
  pause(5_000, 'I would like to');
  moment.words('I would like to');
  pass(2_000);
  moment.words('I would like to');
  pass(2_000);
  expect(moments).toHaveLength(1);
});
