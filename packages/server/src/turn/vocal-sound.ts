/**
 * What a voice does, by its sound alone: `words` have vowels, `hum` is voiced with closed lips ("mm-hm"), `noise` is not
 * voiced (a cough, a rustle, breath).
 */
export type VocalSound = 'words' | 'hum' | 'noise';

const RATE_HZ = 16_000;
const FRAME_SAMPLES = 512;
const HOP_SAMPLES = 256;
/** Frames quieter than this against the loudest one do not count, as a power ratio: -20 dB. */
const FAINT_SHARE = 0.01;
/** Periods of a voice, in samples of 4 kHz: 400 to 70 Hz. */
const SHORTEST_PERIOD = 10;
const LONGEST_PERIOD = 57;
/** Autocorrelation above which a frame is voiced. */
const VOICED = 0.55;
/** Share of voiced frames below which it is noise. */
const VOICED_SHARE = 0.4;
/** Share of the power above 800 Hz below which a voiced sound is a hum: closed lips let hardly more through. */
const HUM_HIGH_SHARE = 0.02;

/**
 * Tells words, hums and noises apart, from voicing (autocorrelation) and the share of power above the first formant of
 * closed lips. A tenth of a second suffices.
 * @param pcm 16 kHz mono.
 */
export function classifyVocalSound(pcm: Float32Array): VocalSound {
  const high = highPassed(pcm);
  const frames: { readonly power: number; readonly highShare: number; readonly voicing: number }[] = [];
  for (let at = 0; at + FRAME_SAMPLES <= pcm.length; at += HOP_SAMPLES) {
    const frame = pcm.subarray(at, at + FRAME_SAMPLES);
    const power = meanSquare(frame);
    const highShare = power > 0 ? meanSquare(high.subarray(at, at + FRAME_SAMPLES)) / power : 0;
    frames.push({ power, highShare, voicing: voicing(frame) });
  }
  const loudest = Math.max(0, ...frames.map(({ power }) => power));
  const heard = frames.filter(({ power }) => power > FAINT_SHARE * loudest);
  const voiced = heard.filter((frame) => frame.voicing > VOICED);
  if (heard.length === 0 || voiced.length < VOICED_SHARE * heard.length) return 'noise';
  const shares = voiced.map(({ highShare }) => highShare).toSorted((a, b) => a - b);
  // One open vowel makes words of it.
  return shares[Math.floor(0.7 * shares.length)] < HUM_HIGH_SHARE ? 'hum' : 'words';
}

function meanSquare(pcm: Float32Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return sum / Math.max(1, pcm.length);
}

/** Highest normalised autocorrelation within the periods of a voice, of the frame at 4 kHz. */
function voicing(frame: Float32Array): number {
  const slow = new Float32Array(frame.length >> 2);
  for (let i = 0; i < slow.length; i++)
    slow[i] = (frame[4 * i] + frame[4 * i + 1] + frame[4 * i + 2] + frame[4 * i + 3]) / 4;
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

/** Second-order Butterworth high-pass at 800 Hz. */
function highPassed(pcm: Float32Array): Float32Array {
  const omega = Math.tan((Math.PI * 800) / RATE_HZ);
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
