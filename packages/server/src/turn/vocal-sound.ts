import { meanSquare } from './mean-square.ts';
/**
 * What a voice does, by its sound alone: `words` have vowels, `hum` is voiced with closed lips ("mm-hm"), `hiss` is a consonant like the
 * "s" of "stop", `noise` is none of them (a cough, a rustle, breath).
 */
export type VocalSound = 'words' | 'hum' | 'hiss' | 'noise';

const FRAME_MS = 32;
/** Frames quieter than this against the loudest one do not count, as a power ratio: -20 dB. */
const FAINT_SHARE = 0.01;
/** Periods of a voice, in samples of 4 kHz: 400 to 70 Hz. */
const SHORTEST_PERIOD = 10;
const LONGEST_PERIOD = 57;
/** Autocorrelation above which a frame is voiced. */
const VOICED = 0.55;
/** Share of voiced frames below which it is noise. */
const VOICED_SHARE = 0.4;
/** Voiced frames that are needed: of one alone the beginning may be a few samples of anything. */
const LEAST_VOICED_FRAMES = 2;
/**
 * Shares of the power above 800 Hz and above 2 kHz below which a voiced sound is a hum: closed lips let hardly more through. The "m" of a
 * reader has .03 to .05 and .001 to .005, her vowels .1 and .02 or more, but for a closed "oo". What is left of an echo asks for tolerance.
 */
const HUM_SHARES = { alone: [0.05, 0.006], overEcho: [0.06, 0.012] } as const;
/** Growth of the share above 800 Hz by which lips open, from this share at least. */
const OPENS_BY = 3.5;
const LEAST_CLOSED_SHARE = 0.005;
const HUM_BELOW_HZ = [800, 2_000] as const;
/** A cough begins with a burst that is as loud as the voice at its end, a word does not: autocorrelation of a burst at most. */
const BURST_SHARE = 0.8;
const BURST_VOICING = 0.35;
/** A burst is of this length at least, in frames that are half into each other: 48 ms. A plosive is shorter. */
const BURST_FRAMES = 2;
/** Share of the power above 3 kHz from which a frame hisses: a cough has most of it below. */
const HISS_HIGH_SHARE = 0.7;
const HISS_ABOVE_HZ = 3_000;
/** Frames, each half into the next, that make a hiss: 48 ms. */
const HISS_FRAMES = 2;
/** Power of the faintest hiss that counts, -50 dB of full scale. */
const LEAST_HISS = 1e-5;

/** How much more of an echo may be left than is thought, a power ratio: 2 dB. */
const LEFT_MORE = 1;

/**
 * Tells words, hums, hisses and noises apart, from voicing (autocorrelation) and the share of power above the first formants of
 * closed lips, or above the resonances of a throat. A tenth of a second suffices.
 * @param pcm 16 kHz mono.
 * @param recentMs How much of its end is looked at; what is before tells whether a cough goes on.
 */
export function classifyVocalSound(pcm: Float32Array, recentMs = Number.POSITIVE_INFINITY): VocalSound {
  const sound = classify(pcm, new Float32Array(pcm.length), 16_000, recentMs, HUM_SHARES.alone);
  return sound !== 'words' && hisses(recent(pcm, recentMs)) ? 'hiss' : sound;
}

/**
 * {@link classifyVocalSound} of a microphone that hears an echo as well.
 * @param own What is left when the echo is taken from it, at 8 kHz, and sound as loud as what of the echo is left in that.
 */
export function classifyOverEcho(
  pcm: Float32Array,
  own: { readonly pcm: Float32Array; readonly left: Float32Array },
  recentMs = Number.POSITIVE_INFINITY,
): VocalSound {
  const sound = classify(own.pcm, own.left, 8_000, recentMs, HUM_SHARES.overEcho);
  return sound !== 'words' && hisses(recent(pcm, recentMs)) ? 'hiss' : sound;
}

function classify(
  pcm: Float32Array,
  left: Float32Array,
  rateHz: number,
  recentMs: number,
  humShares: readonly [number, number],
): VocalSound {
  const bands = HUM_BELOW_HZ.map(
    (hz) => [highPassed(pcm, hz, rateHz), highPassed(left, hz, rateHz)] as const,
  );
  const frames = framesOf(pcm, rateHz).map(([from, to]) => {
    const own = (all: Float32Array, echo: Float32Array) =>
      Math.max(0, meanSquare(all.subarray(from, to)) - LEFT_MORE * meanSquare(echo.subarray(from, to)));
    const power = own(pcm, left);
    const shares = bands.map(([all, echo]) => (power > 0 ? own(all, echo) / power : 0));
    return { power, shares, voicing: voicing(pcm.subarray(from, to), rateHz) };
  });
  const looked = frames.slice(-Math.max(1, Math.floor((2 * recentMs) / FRAME_MS) - 1));
  const loudest = Math.max(0, ...looked.map(({ power }) => power));
  const heard = looked.filter(({ power }) => power > FAINT_SHARE * loudest);
  const voiced = heard.filter((frame) => frame.voicing > VOICED);
  if (voiced.length < LEAST_VOICED_FRAMES || voiced.length < VOICED_SHARE * heard.length) return 'noise';
  const loudestVoice = Math.max(...voiced.map(({ power }) => power));
  const bursts = frames.filter(
    (frame) =>
      frame.voicing < BURST_VOICING &&
      frame.shares[1] < HISS_HIGH_SHARE &&
      frame.power > BURST_SHARE * loudestVoice,
  );
  if (bursts.length >= BURST_FRAMES) return 'noise';
  const opening = frames.filter(({ voicing, power }) => voicing > VOICED && power > FAINT_SHARE * loudest);
  if (opens(opening.map(({ shares }) => shares[0]))) return 'words';
  // One open vowel makes words of it.
  const isHum = humShares.every((most, band) => {
    const shares = voiced.map((frame) => frame.shares[band]).toSorted((a, b) => a - b);
    return shares[Math.floor(0.7 * shares.length)] < most;
  });
  return isHum ? 'hum' : 'words';
}

/** Whether closed lips open to a dark vowel, as in "no": three frames each, in order of time. */
function opens(highShares: readonly number[]): boolean {
  let closed = Number.POSITIVE_INFINITY;
  for (let at = 0; at + 3 <= highShares.length; at++) {
    const share = (highShares[at] + highShares[at + 1] + highShares[at + 2]) / 3;
    if (share > OPENS_BY * Math.max(closed, LEAST_CLOSED_SHARE)) return true;
    closed = Math.min(closed, share);
  }
  return false;
}

/** The end of it, 16 kHz. */
function recent(pcm: Float32Array, durationMs: number): Float32Array {
  return pcm.subarray(Math.max(0, pcm.length - durationMs * 16));
}

/** Whether it has a stretch of "s", "sh" or "f". @param pcm 16 kHz mono. */
function hisses(pcm: Float32Array): boolean {
  const high = highPassed(pcm, HISS_ABOVE_HZ, 16_000);
  let run = 0;
  for (const [from, to] of framesOf(pcm, 16_000)) {
    const power = meanSquare(pcm.subarray(from, to));
    const isHiss = power > LEAST_HISS && meanSquare(high.subarray(from, to)) > HISS_HIGH_SHARE * power;
    run = isHiss ? run + 1 : 0;
    if (run >= HISS_FRAMES) return true;
  }
  return false;
}

/** Frames of 32 ms, each half into the next. */
function framesOf(pcm: Float32Array, rateHz: number): [from: number, to: number][] {
  const length = (FRAME_MS * rateHz) / 1000;
  const frames: [number, number][] = [];
  for (let at = 0; at + length <= pcm.length; at += length / 2) frames.push([at, at + length]);
  return frames;
}

/** Highest normalised autocorrelation within the periods of a voice, of the frame at 4 kHz. */
function voicing(frame: Float32Array, rateHz: number): number {
  const step = rateHz / 4_000;
  const slow = new Float32Array(Math.floor(frame.length / step));
  for (let i = 0; i < slow.length * step; i++) slow[Math.floor(i / step)] += frame[i] / step;
  let best = 0;
  for (let period = SHORTEST_PERIOD; period <= LONGEST_PERIOD; period++) {
    let cross = 0;
    let early = 0;
    let late = 0;
    for (let i = 0; i + period < slow.length; i++) {
      cross += slow[i] * slow[i + period];
      early += slow[i] * slow[i];
      late += slow[i + period] * slow[i + period];
    }
    if (early > 0 && late > 0) best = Math.max(best, cross / Math.sqrt(early * late));
  }
  return best;
}

/** Second-order Butterworth high-pass. */
function highPassed(pcm: Float32Array, aboveHz: number, rateHz: number): Float32Array {
  const omega = Math.tan((Math.PI * aboveHz) / rateHz);
  const norm = 1 / (1 + Math.SQRT2 * omega + omega * omega);
  const a1 = 2 * (omega * omega - 1) * norm;
  const a2 = (1 - Math.SQRT2 * omega + omega * omega) * norm;
  const out = new Float32Array(pcm.length);
  let x1 = 0;
  let x2 = 0;
  let y1 = 0;
  let y2 = 0;
  for (let i = 0; i < pcm.length; i++) {
    const x = pcm[i];
    const y = norm * (x - 2 * x1 + x2) - a1 * y1 - a2 * y2;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    out[i] = y;
  }
  return out;
}
