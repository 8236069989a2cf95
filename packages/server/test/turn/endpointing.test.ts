import { expect, test } from 'vitest';
import { ENDPOINTING_DEFAULTS, type EndpointEvent, Endpointer } from '../../src/turn/endpointing.ts';

const WINDOW_MS = 32;

/** Feeds stretches of voice and silence; the events with the time at which they came, ms. */
function feed(
  endpointer: Endpointer,
  stretches: readonly (readonly [probability: number, durationMs: number])[],
  from = 0,
) {
  const events: (EndpointEvent & { atMs: number })[] = [];
  let window = from;
  for (const [probability, durationMs] of stretches)
    for (let ms = 0; ms < durationMs; ms += WINDOW_MS) {
      const event = endpointer.push({ startSample: window * 512, probability });
      window++;
      if (event) events.push({ ...event, atMs: window * WINDOW_MS });
    }
  return { events, window };
}

test('speech begins after 250 ms of voice, pauses after 128 ms of silence, ends after 1500 ms unjudged', () => {
  const { events } = feed(new Endpointer(), [
    [0, 320],
    [1, 960],
    [0, 2000],
  ]);
  expect(events.map(({ type, atMs }) => [type, atMs])).toEqual([
    ['speech-start', 576],
    ['pause', 1408],
    ['end', 2784],
  ]);
  expect(events[1]).toMatchObject({ segment: { startSample: (320 - 250) * 16 }, voiceEndSample: 1280 * 16 });
});

test.each([
  ['clear', 224],
  ['likely', 512],
  ['open', 928],
  ['hanging', 1504],
] as const)('words that read %j end the turn after %i ms', (finish, silenceMs) => {
  const endpointer = new Endpointer();
  const { window } = feed(endpointer, [
    [1, 960],
    [0, 192],
  ]);
  expect(endpointer.judge(finish)).toBeNull();
  const { events } = feed(endpointer, [[0, 1600]], window);
  expect(events.map(({ type, atMs }) => [type, atMs])).toEqual([['end', 960 + silenceMs]]);
});

test.each([
  ['likely', 300, 576],
  ['likely', 600, 864],
  ['likely', 1200, 928],
  ['clear', 1200, 224],
] as const)(
  'who paused within the turn gets as long again: %j after %i ms ends after %i ms',
  (finish, pauseMs, silenceMs) => {
    const endpointer = new Endpointer();
    const { window } = feed(endpointer, [
      [1, 960],
      [0, pauseMs],
      [1, 960],
      [0, 192],
    ]);
    endpointer.judge(finish);
    const { events } = feed(endpointer, [[0, 1600]], window);
    const voiceEndMs = (window - 192 / WINDOW_MS) * WINDOW_MS;
    expect(events.map(({ type, atMs }) => [type, atMs - voiceEndMs])).toEqual([['end', silenceMs]]);
    // The next turn begins anew.
    const { window: later } = feed(
      endpointer,
      [
        [1, 960],
        [0, 192],
      ],
      1000,
    );
    endpointer.judge('likely');
    const next = feed(endpointer, [[0, 1600]], later);
    expect(next.events[0].atMs - (later * WINDOW_MS - 192)).toBe(512);
  },
);

test('a judgement that comes late ends the turn at once', () => {
  const endpointer = new Endpointer();
  feed(endpointer, [
    [1, 960],
    [0, 800],
  ]);
  expect(endpointer.judge('likely')).toEqual({ type: 'end' });
});

test('who goes on after a pause resumes, and what was settled is not heard again', () => {
  const endpointer = new Endpointer();
  const { window } = feed(endpointer, [
    [1, 960],
    [0, 400],
  ]);
  const { events, window: next } = feed(endpointer, [[1, 320]], window);
  expect(events).toMatchObject([{ type: 'resume', pauseMs: 416 }]);
  endpointer.settle();
  const { events: later } = feed(endpointer, [[0, 400]], next);
  expect(later[0]).toMatchObject({ type: 'pause', segment: { startSample: window * 512 - 250 * 16 } });
});

test('clicks and breaths are no speech', () => {
  const { events } = feed(new Endpointer(), [
    [1, 96],
    [0, 640],
    [0.4, 3000],
    [1, 160],
    [0, 2000],
  ]);
  expect(events).toEqual([]);
});

test('speech without end is cut into pieces of 28 s at the quietest place', () => {
  const { events } = feed(new Endpointer(), [
    [1, 26_000],
    [0.4, 32],
    [1, 34_000],
  ]);
  const overflows = events.filter(({ type }) => type === 'overflow') as {
    segment: { startSample: number; endSample: number };
  }[];
  expect(overflows).toHaveLength(2);
  expect(overflows[0].segment.endSample / 16).toBeCloseTo(26_016, -2);
  expect(overflows[1].segment.startSample).toBe(overflows[0].segment.endSample);
  for (const { segment } of overflows)
    expect((segment.endSample - segment.startSample) / 16).toBeLessThanOrEqual(
      ENDPOINTING_DEFAULTS.maxUtteranceMs + WINDOW_MS,
    );
});

test('closing gives out what no pause has given out', () => {
  const speaking = new Endpointer();
  feed(speaking, [[1, 960]]);
  expect(speaking.close()).toMatchObject({ segment: { startSample: 0, endSample: 960 * 16 } });
  const pausing = new Endpointer();
  feed(pausing, [
    [1, 960],
    [0, 400],
  ]);
  expect(pausing.speaking).toBe(true);
  expect(pausing.close()).toBeNull();
  expect(pausing.speaking).toBe(false);
});
