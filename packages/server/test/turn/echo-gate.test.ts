import { Encoder } from '@evan/opus';
import { expect, test } from 'vitest';
import { resample } from '../../src/engines/resample.ts';
import { EchoGate } from '../../src/turn/echo-gate.ts';
import { PlayedVoices } from '../../src/turn/played-voices.ts';
import { sameVoice } from '../../src/turn/same-voice.ts';
import { filtered, whitening } from '../../src/turn/whitening.ts';

/** Speech-like sound of a seed: syllables of changing pitch and formants, with pauses. */
function babble(seed: number, seconds: number, rateHz: number): Float32Array {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const pcm = new Float32Array(seconds * rateHz);
  for (let at = 0; at < pcm.length; ) {
    const samples = Math.round((0.08 + 0.15 * random()) * rateHz);
    const pitch = 90 + 120 * random();
    const formants = [300 + 500 * random(), 900 + 1500 * random(), 2500 + 1500 * random()];
    const loudness = random() < 0.2 ? 0 : 0.2 + 0.4 * random();
    for (let i = 0; i < samples && at + i < pcm.length; i++) {
      let sum = 0;
      for (let n = 1; n * pitch < 5000; n++) {
        const hz = n * pitch;
        const gain = formants.reduce((all, formant) => all + 1 / (1 + ((hz - formant) / 120) ** 2), 0);
        sum += gain * Math.sin((2 * Math.PI * hz * (at + i)) / rateHz);
      }
      pcm[at + i] = loudness * Math.sin((Math.PI * i) / samples) * sum * 0.3;
    }
    at += samples;
  }
  return pcm;
}

const SECONDS = 6;
const npc = babble(1, SECONDS, 24_000);
const npcAt16kHz = resample(npc, 24_000, 16_000);

/** Feeds a microphone that hears the NPC late, and a visitor; tells the share of sounding frames that pass. */
function hear(
  gain: number,
  delayMs: number,
  visitor: { pcm: Float32Array; fromMs: number } | null,
  noise = 0.001,
  /** Time from a frame's capture to its arrival, ms. */
  lateMs: (frame: number) => number = () => 30,
) {
  const played = new PlayedVoices();
  const gate = new EchoGate(played);
  const silence = new Float32Array(320);
  let state = 9;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  let now = 1000;
  for (let i = 0; i < 50; i++, now += 20)
    gate.receive(
      silence.map(() => noise * random()),
      now + 30,
    );
  const startMs = now;
  played.begin('mira', startMs);
  for (let at = 0; at < npc.length; at += 2400) played.add('mira', npc.subarray(at, at + 2400));
  // A verdict is given a quarter of a second later at the latest.
  const verdicts: { atMs: number; echo: boolean }[] = [];
  const look = (frame: number) =>
    verdicts.push({ atMs: frame * 20, echo: gate.verdict((50 + frame) * 320) === 'echo' });
  for (let frame = 0; frame < SECONDS * 50; frame++, now += 20) {
    const pcm = silence.map((_, i) => {
      const at = frame * 320 + i;
      const echo = gain * (npcAt16kHz[at - delayMs * 16] ?? 0);
      const own = visitor?.pcm[at - visitor.fromMs * 16] ?? 0;
      return echo + own + noise * random();
    });
    gate.receive(pcm, now + lateMs(frame));
    if (frame >= 13) look(frame - 13);
  }
  for (let frame = SECONDS * 50 - 13; frame < SECONDS * 50; frame++) look(frame);
  const passed = (fromMs: number, toMs: number) => {
    const within = verdicts.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
    return within.filter(({ echo }) => !echo).length / within.length;
  };
  return { gate, passed, verdicts };
}

test.each([
  [0.316, 60],
  [0.316, 250],
  [0.1, 140],
  [1, 400],
])(
  'an echo of gain %d after %i ms is known within half a second and never taken for a visitor',
  (gain, delayMs) => {
    const { gate, passed } = hear(gain, delayMs, null);
    expect(gate.delayMs).toBeGreaterThan(delayMs - 25);
    expect(gate.delayMs).toBeLessThan(delayMs + 75);
    expect(passed(delayMs + 200, SECONDS * 1000)).toBeLessThan(0.02);
  },
);

test('a visitor who speaks over the echo is heard', () => {
  const visitor = { pcm: babble(5, 2, 16_000), fromMs: 3_000 };
  const { passed } = hear(0.316, 120, visitor);
  expect(passed(1_000, 3_000)).toBeLessThan(0.05);
  // A fifth of the visitor's babble is pauses.
  expect(passed(3_150, 4_800)).toBeGreaterThan(0.7);
  expect(passed(5_600, 6_000)).toBeLessThan(0.05);
});

test.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('without an echo visitor %i passes', (seed) => {
  const visitor = { pcm: babble(seed, 4, 16_000), fromMs: 1_500 };
  const { passed } = hear(0, 120, visitor);
  // What is kept back are mostly the pauses.
  expect(passed(1_500, 5_500)).toBeGreaterThan(0.75);
});

test.each([
  [100, 3],
  [300, 4],
  [600, 6],
])(
  'who speaks up %i ms after the NPC began is heard, though nothing is known of the microphone yet',
  (fromMs, seed) => {
    const { passed } = hear(0, 0, { pcm: babble(seed, 2, 16_000), fromMs });
    // Up to a third of this is pauses.
    expect(passed(fromMs, fromMs + 1_000)).toBeGreaterThan(0.65);
  },
);

/** Noise above 4 kHz, as of an "s". */
function hiss(durationMs: number): Float32Array {
  let state = 3;
  let sign = 1;
  let last = 0;
  return Float32Array.from({ length: durationMs * 16 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    sign = -sign;
    // A low-pass, moved to the top of the band.
    last += 0.3 * (state / 2 ** 31 - 1 - last);
    return 0.3 * sign * last;
  });
}

test.each([0, 0.316])(
  'a visitor whose word begins with an "s" is heard within 100 ms, echo of gain %d',
  (gain) => {
    const { verdicts } = hear(gain, 120, { pcm: hiss(200), fromMs: 3_000 });
    const first = verdicts.find(({ atMs, echo }) => atMs >= 2_960 && !echo);
    expect(first?.atMs).toBeLessThanOrEqual(3_100);
  },
);

test('of what a visitor utters over the echo most of the echo is taken away', () => {
  const visitor = { pcm: babble(5, 2, 16_000), fromMs: 3_000 };
  const { gate } = hear(0.316, 120, visitor);
  const power = (pcm: Float32Array) => pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length;
  const at = (ms: number) => (1_000 + ms) * 16;
  const echo = gate.ownSound(at(5_400), at(5_900));
  const both = gate.ownSound(at(3_300), at(4_800));
  const expected = power(npcAt16kHz.slice(5_280 * 16, 5_780 * 16).map((sample) => 0.316 * sample));
  expect(power(echo?.pcm ?? new Float32Array(1))).toBeLessThan(0.1 * expected);
  expect(power(both?.pcm ?? new Float32Array(1))).toBeGreaterThan(
    0.5 * power(visitor.pcm.slice(4_800, 28_800)),
  );
});

test('the recogniser gets the microphone without the echo, sample for sample', () => {
  const visitor = { pcm: babble(5, 2, 16_000), fromMs: 3_000 };
  const { gate } = hear(0.316, 120, visitor);
  const at = (fromMs: number, toMs: number) => {
    const pcm = Float32Array.from({ length: (toMs - fromMs) * 16 }, (_, i) => {
      const sample = fromMs * 16 + i;
      return 0.316 * (npcAt16kHz[sample - 120 * 16] ?? 0) + (visitor.pcm[sample - 3_000 * 16] ?? 0);
    });
    return { heard: pcm, clean: gate.withoutEcho(pcm, (1_000 + fromMs) * 16) };
  };
  const power = (pcm: Float32Array) => pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length;
  const alone = at(5_400, 5_900);
  // What is above 4 kHz stays.
  expect(power(alone.clean)).toBeLessThan(0.3 * power(alone.heard));
  const both = at(3_300, 4_800);
  const own = visitor.pcm.subarray(300 * 16, 1_800 * 16);
  const wrongBefore = power(both.heard.map((sample, i) => sample - own[i]));
  const wrongAfter = power(both.clean.map((sample, i) => sample - own[i]));
  expect(wrongAfter).toBeLessThan(0.5 * wrongBefore);
});

/** The gate of a microphone that has heard this for three seconds. */
function heardBy(sound: (at: number) => number): EchoGate {
  const gate = new EchoGate(new PlayedVoices());
  for (let frame = 0; frame < 150; frame++)
    gate.receive(
      Float32Array.from({ length: 320 }, (_, i) => sound(frame * 320 + i)),
      1_000 + 20 * frame,
    );
  return gate;
}

test('the same voice in two microphones belongs to the one that hears it louder', () => {
  const ann = babble(5, 3, 16_000);
  const ben = babble(6, 3, 16_000);
  const atAnn = heardBy((at) => ann[at]);
  const atBen = heardBy((at) => 0.2 * (ann[at - 160] ?? 0) + 0.1 * (ann[at - 400] ?? 0) + 0.002 * ben[at]);
  const benSpeaks = heardBy((at) => ben[at] + 0.1 * (ann[at - 160] ?? 0));
  const endMs = 1_000 + 2_900;
  expect(sameVoice(atAnn, atBen, endMs)).toBe('first');
  expect(sameVoice(atBen, atAnn, endMs)).toBe('second');
  // Who speaks at the same time has a turn of their own.
  expect(sameVoice(benSpeaks, atAnn, endMs)).toBeNull();
  expect(sameVoice(atAnn, benSpeaks, endMs)).toBeNull();
  expect(
    sameVoice(
      heardBy(() => 0),
      atAnn,
      endMs,
    ),
  ).toBeNull();
});

test('a process that gets its frames late and in bursts decides as one that gets them in time', () => {
  const visitor = { pcm: babble(5, 2, 16_000), fromMs: 3_000 };
  const timely = hear(0.316, 120, visitor);
  // Twenty frames at once, up to 400 ms late.
  const starved = hear(0.316, 120, visitor, 0.001, (frame) => 30 + 20 * (19 - (frame % 20)));
  expect(starved.verdicts).toEqual(timely.verdicts);
});

test('what is played is known as clients decode it', () => {
  const played = new PlayedVoices();
  played.begin('mira', 0);
  const encoder = new Encoder({ channels: 1, sample_rate: 24_000, application: 'voip' });
  for (let at = 0; at < 24_000; at += 480) {
    const pcm = Int16Array.from(npc.subarray(at, at + 480), (sample) => 8_000 * sample);
    played.addCoded('mira', [encoder.encode(pcm).slice()]);
  }
  const out = new Float32Array(4_000);
  played.read(300, out);
  expect(Math.max(...out)).toBeGreaterThan(0.01);
  expect(played.playsWithin(900, 950)).toBe(true);
});

test('whitening takes a resonance from a signal', () => {
  let state = 7;
  let before = 0;
  let last = 0;
  const noise: number[] = [];
  const signal = Float32Array.from({ length: 4_000 }, (_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    noise[i] = state / 2 ** 31 - 1;
    const next = noise[i] + 1.6 * last - 0.9 * before;
    [before, last] = [last, next];
    return next;
  });
  const white = filtered(signal, whitening(signal), 3_000);
  let same = 0;
  let power = 0;
  for (const [i, sample] of white.entries()) {
    same += sample * noise[1_000 + i];
    power += sample * sample;
  }
  const noisePower = noise.slice(1_000).reduce((sum, sample) => sum + sample * sample, 0);
  expect(same / Math.sqrt(power * noisePower)).toBeGreaterThan(0.95);
});

test('what is played is as loud as clients play it', () => {
  const played = new PlayedVoices();
  played.begin('mira', 0);
  played.add('mira', npc.subarray(0, 72_000));
  const read = (fromMs: number) => {
    const out = new Float32Array(160);
    played.read(fromMs, out);
    return out;
  };
  const loud = { before: read(900), lowered: read(1_500), raised: read(2_500) };
  played.duck('mira', 0.25, 1_000);
  played.duck('mira', 1, 2_000);
  expect(read(900)).toEqual(loud.before);
  for (const [i, sample] of read(1_500).entries()) expect(sample).toBeCloseTo(0.25 * loud.lowered[i], 5);
  for (const [i, sample] of read(2_500).entries()) expect(sample).toBeCloseTo(loud.raised[i], 5);
  // The next utterance is not lowered.
  played.begin('mira', 5_000);
  played.add('mira', npc.subarray(0, 72_000));
  expect(read(5_900)).toEqual(loud.before);
});
