import { getHeapSpaceStatistics } from 'node:v8';
import { beforeEach, expect, test } from 'vitest';
import {
  batchDecodes,
  FaceTrack,
  type FaceTrackOptions,
  IdleLoop,
  type ParleyError,
  type SpeechPacket,
  type UtteranceMessage,
} from '../../src/index.ts';
import { scriptedDecoder } from '../scripted-decoder.ts';
import { seededRandom } from '../seeded-random.ts';
import { tinyManifest } from '../tiny-manifest.ts';

const manifest = tinyManifest();
/** An idle face that is -1 throughout, so that its share can be read off. */
const idle = new IdleLoop(new Float32Array(30).fill(-1), 3, 30);
const START_MS = 10_000;
const out = new Float32Array(3);
let decoder = scriptedDecoder(manifest);

beforeEach(() => {
  decoder = scriptedDecoder(manifest);
});

function newTrack(options: Partial<FaceTrackOptions> = {}): FaceTrack {
  return new FaceTrack({ manifest, decoder, idle, ...options });
}

function announce(change: Partial<UtteranceMessage> = {}): UtteranceMessage {
  return {
    npc: 'mira',
    utterance: 1,
    rateHz: 24_000,
    codec: 'opus',
    startMs: START_MS,
    fps: 30,
    heads: 2,
    classes: 5,
    ...change,
  };
}

/** Block n of three frames; head 0 says `code(frame)`. */
function block(n: number, code: (frame: number) => number, change: Partial<SpeechPacket> = {}): SpeechPacket {
  return {
    first: n === 0,
    last: false,
    codesOnly: false,
    npcIndex: 0,
    utterance: 1,
    startSample: n * 2400,
    codes: Uint8Array.from([0, 1, 2].flatMap((i) => [code(3 * n + i), 0])),
    codeFrames: 3,
    audio: Array.from({ length: 5 }, () => Uint8Array.of(1)),
    ...change,
  };
}

/** Renders at 60 fps up to a moment and returns the face there. */
function render(track: FaceTrack, fromMs: number, toMs: number): number[] {
  for (let ms = fromMs; ms < toMs; ms += 1000 / 60) track.sampleControls(ms, out);
  track.sampleControls(toMs, out);
  return [...out].map((x) => +x.toFixed(3));
}

const always = (value: number) => () => value;
const cycle = (frame: number) => (frame * 3) % 5;
/** What the scripted decoder makes of a frame of {@link cycle}, with neutral code 1 before the start. */
const decoded = (frame: number) =>
  [0, 1, 2].map((c) => cycle(frame) + c * (frame - 2 < 0 ? 1 : cycle(frame - 2)));

test('without an utterance the idle loop plays, shifted by its phase', () => {
  const counting = new IdleLoop(
    Float32Array.from({ length: 90 }, (_, i) => Math.floor(i / 3)),
    3,
    30,
  );
  const track = newTrack({ idle: counting, idlePhaseMs: 100 });
  expect(render(track, 0, 200)).toEqual([9, 9, 9]);
});

test('an utterance fades in over the 150 ms before its first sample', async () => {
  const track = newTrack();
  track.begin(announce());
  for (let n = 0; n < 5; n++) track.push(block(n, always(4)));
  await track.settled();
  expect(render(track, START_MS - 500, START_MS - 151)).toEqual([-1, -1, -1]);
  const [half] = render(track, START_MS - 150, START_MS - 75);
  // Smoothstep of one half between -1 and 4, give or take a rendered frame.
  expect(half).toBeGreaterThan(0.8);
  expect(half).toBeLessThan(2.2);
  expect(render(track, START_MS - 75, START_MS + 20)[0]).toBe(4);
});

test('frames are decoded with their windows and interpolated in time', async () => {
  const track = newTrack();
  track.begin(announce());
  for (let n = 0; n < 20; n++) track.push(block(n, cycle));
  await track.settled();
  render(track, START_MS - 200, START_MS);
  for (const frame of [0, 1, 2, 3, 10, 40])
    expect(render(track, START_MS, START_MS + (frame * 1000) / 30)).toEqual(decoded(frame));
  const between = render(track, START_MS, START_MS + (10.25 * 1000) / 30);
  between.forEach((value, c) => {
    expect(value).toBeCloseTo(0.75 * decoded(10)[c] + 0.25 * decoded(11)[c], 2);
  });
});

test('the audio clock can lead: roomMsAt gives the moment of a sample', async () => {
  const track = newTrack();
  track.begin(announce());
  for (let n = 0; n < 5; n++) track.push(block(n, cycle));
  await track.settled();
  render(track, START_MS - 300, START_MS);
  track.sampleControls(track.roomMsAt(1, 800 * 7)!, out);
  expect([...out]).toEqual(decoded(7));
  expect(track.roomMsAt(2, 0)).toBeUndefined();
});

test('after the last packet the face fades back to idle and the utterance is forgotten', async () => {
  const track = newTrack();
  track.begin(announce());
  for (let n = 0; n < 5; n++) track.push(block(n, always(4), { last: n === 4 }));
  await track.settled();
  expect(render(track, START_MS - 300, START_MS + 499)[0]).toBe(4);
  const [fading] = render(track, START_MS + 499, START_MS + 575);
  expect(fading).toBeGreaterThan(-0.5);
  expect(fading).toBeLessThan(3.5);
  expect(render(track, START_MS + 575, START_MS + 700)[0]).toBe(-1);
  expect(track.bufferOf(1)).toBeUndefined();
  expect(track.push(block(0, cycle))).toBe(false);
});

test('a stop lets the face go 80 ms before the end sample, and nothing is shown long after it', async () => {
  const track = newTrack();
  track.begin(announce());
  for (let n = 0; n < 20; n++) track.push(block(n, always(4)));
  await track.settled();
  expect(render(track, START_MS - 300, START_MS + 900)[0]).toBe(4);
  track.stop({ utterance: 1, endSample: 24_000 });
  expect(render(track, START_MS + 900, START_MS + 919)[0]).toBe(4);
  const [atEnd] = render(track, START_MS + 919, START_MS + 1000);
  expect(atEnd).toBeLessThan(2.5);
  expect(atEnd).toBeGreaterThan(-1);
  expect(render(track, START_MS + 1000, START_MS + 1100)[0]).toBe(-1);
  expect(track.bufferOf(1)).toBeUndefined();
});

test('a late joiner is wrong for at most a window, then equal to one who was there', async () => {
  const early = newTrack();
  const late = newTrack();
  early.begin(announce());
  late.begin(announce());
  for (let n = 0; n < 30; n++) early.push(block(n, cycle));
  for (let n = 15; n < 30; n++) late.push(block(n, cycle));
  await Promise.all([early.settled(), late.settled()]);
  const window = manifest.codec.window;
  const first = 45;
  const joinMs = START_MS + (first * 1000) / 30;
  render(early, START_MS - 300, joinMs);
  // The page opens: its first rendered frame shows the face as it is.
  render(late, joinMs, joinMs);
  for (let frame = first + window - 1; frame < 88; frame++) {
    const ms = START_MS + (frame * 1000) / 30;
    expect(render(late, ms, ms)).toEqual(render(early, ms, ms));
  }
});

test('codes that come before a late joiner’s first block make it right at once', async () => {
  const track = newTrack();
  track.begin(announce());
  track.push(block(14, cycle, { codesOnly: true, audio: [] }));
  track.push(block(15, cycle));
  await track.settled();
  const ms = START_MS + (45 * 1000) / 30;
  expect(render(track, ms, ms)).toEqual(decoded(45));
});

test('reordered and duplicate packets end in the same face (seed 41)', async () => {
  const random = seededRandom(41);
  const track = newTrack();
  track.begin(announce());
  const order = Array.from({ length: 30 }, (_, n) => n).sort((a, b) => a + random() * 4 - (b + random() * 4));
  expect(order).not.toEqual([...order].sort((a, b) => a - b));
  for (const n of order) {
    track.push(block(n, cycle));
    if (random() < 0.3) track.push(block(n, cycle));
    if (random() < 0.5) await track.settled();
  }
  await track.settled();
  render(track, START_MS - 300, START_MS);
  for (let frame = 0; frame < 89; frame++) {
    const ms = START_MS + (frame * 1000) / 30;
    expect(render(track, ms, ms)).toEqual(decoded(frame));
  }
});

test('a lost block repeats the last frame; the face is right again a window later', async () => {
  const track = newTrack();
  track.begin(announce());
  for (const n of [0, 1, 3, 4, 5]) track.push(block(n, cycle));
  await track.settled();
  render(track, START_MS - 300, START_MS);
  const at = (frame: number) => render(track, START_MS + (frame * 1000) / 30, START_MS + (frame * 1000) / 30);
  expect(at(5)).toEqual(decoded(5));
  for (const frame of [6, 7, 8]) expect(at(frame)[0]).toBe(cycle(5));
  for (const frame of [11, 12, 15]) expect(at(frame)).toEqual(decoded(frame));
});

test('a stall holds the last face for 300 ms, then relaxes, and comes back', async () => {
  const track = newTrack();
  track.begin(announce());
  for (let n = 0; n < 5; n++) track.push(block(n, always(4)));
  await track.settled();
  expect(render(track, START_MS - 300, START_MS + 700)[0]).toBe(4);
  expect(render(track, START_MS + 700, START_MS + 1000)[0]).toBe(-1);
  for (let n = 10; n < 20; n++) track.push(block(n, always(4)));
  await track.settled();
  expect(render(track, START_MS + 1000, START_MS + 1300)[0]).toBe(4);
});

test('the next utterance cross-fades from the one that fades', async () => {
  const track = newTrack();
  track.begin(announce());
  for (let n = 0; n < 10; n++) track.push(block(n, always(4)));
  await track.settled();
  render(track, START_MS - 300, START_MS + 400);
  track.stop({ utterance: 1, endSample: 12_000 });
  track.begin(announce({ utterance: 2, startMs: START_MS + 500 }));
  for (let n = 0; n < 10; n++) track.push(block(n, always(2), { utterance: 2 }));
  await track.settled();
  for (let ms = START_MS + 400; ms < START_MS + 500; ms += 16) {
    track.sampleControls(ms, out);
    expect(out[0]).toBeGreaterThan(0);
  }
  expect(render(track, START_MS + 500, START_MS + 700)[0]).toBe(2);
});

test('all NPCs that speak in a tick are decoded in one run', async () => {
  const tracks = Array.from({ length: 8 }, () => newTrack());
  for (const track of tracks) {
    track.begin(announce());
    track.push(block(0, cycle));
  }
  await Promise.all(tracks.map((track) => track.settled()));
  expect(decoder.runs).toEqual([24]);
});

test('a hidden page that renders nothing keeps up by the room clock', async () => {
  let roomMs = START_MS;
  const track = newTrack({ roomMs: () => roomMs, capacityMs: 1_000 });
  track.begin(announce());
  for (let n = 0; n < 300; n++) {
    track.push(block(n, cycle));
    roomMs += 100;
  }
  await track.settled();
  expect(track.bufferOf(1)!.stats).toMatchObject({ received: 300, dropped: 0 });
  const ms = START_MS + (898 * 1000) / 30;
  expect(render(track, ms, ms)).toEqual(decoded(898));
});

test('codes of another model are refused', () => {
  const track = newTrack();
  for (const change of [{ heads: 3 }, { classes: 6 }, { fps: 25 }])
    expect(() => track.begin(announce(change))).toThrow(expect.objectContaining({ code: 'model-mismatch' }));
});

test('a decoder that fails leaves the idle face and says so once', async () => {
  const errors: ParleyError[] = [];
  const broken = batchDecodes({
    window: 3,
    heads: 2,
    controls: 3,
    run: () => Promise.reject(new Error('lost the worker')),
    close: async () => {},
  });
  const track = newTrack({ decoder: broken, onError: (error) => errors.push(error) });
  track.begin(announce());
  for (let n = 0; n < 3; n++) {
    track.push(block(n, cycle));
    await track.settled();
  }
  expect(errors.map((error) => error.code)).toEqual(['decoder-failed']);
  expect(render(track, START_MS - 300, START_MS + 100)).toEqual([-1, -1, -1]);
});

test('sampling allocates no objects: 20 000 frames of 4 utterances', async () => {
  const track = newTrack();
  for (let utterance = 1; utterance <= 4; utterance++) {
    track.begin(announce({ utterance }));
    for (let n = 0; n < 30; n++) track.push(block(n, cycle, { utterance }));
  }
  await track.settled();
  const sampleAll = () => {
    for (let i = 0; i < 20_000; i++) track.sampleControls(START_MS + (i % 2_900), out);
  };
  const newBytes = () =>
    getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')!.space_used_size;
  for (let i = 0; i < 5; i++) sampleAll();
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const before = newBytes();
    sampleAll();
    // A collection in between would make it negative.
    const allocated = newBytes() - before;
    if (allocated >= 0) least = Math.min(least, allocated);
  }
  expect(least).toBeLessThan(20_000 * 4);
});
