import { MICROPHONE_RATE_HZ } from '@parley/sdk';

/** All sounds are 16 kHz mono in [-1, 1]. */
const RATE_HZ = MICROPHONE_RATE_HZ;

/** Loudness of a visitor's voice, RMS of its voiced part. */
export const VOICE_RMS = 0.08;

/** Numbers in [0, 1) that are the same in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function silence(durationMs: number): Float32Array {
  return new Float32Array(Math.round((durationMs * RATE_HZ) / 1000));
}

export function concat(...parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Room noise, pink, of an RMS in dB of full scale. */
export function noise(samples: number, level: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const pcm = new Float32Array(samples);
  // Paul Kellet's economy filter: pink within 0.5 dB.
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  for (let i = 0; i < samples; i++) {
    const white = 2 * random() - 1;
    b0 = 0.99765 * b0 + white * 0.099046;
    b1 = 0.963 * b1 + white * 0.2965164;
    b2 = 0.57 * b2 + white * 1.0526913;
    pcm[i] = b0 + b1 + b2 + white * 0.1848;
  }
  return atLoudness(pcm, 10 ** (level / 20));
}

/** A cough: an explosive burst of coloured noise and a weaker one after it. */
export function cough(seed: number): Float32Array {
  const random = seededRandom(seed);
  const burst = (durationMs: number, loudness: number) => {
    const pcm = silence(durationMs);
    let low = 0;
    let band = 0;
    for (let i = 0; i < pcm.length; i++) {
      const seconds = i / RATE_HZ;
      const envelope = Math.min(1, seconds / 0.006) * Math.exp(-seconds / (durationMs / 3500));
      // A resonance near 1.2 kHz, as of an open throat.
      const white = 2 * random() - 1;
      low += 0.45 * (white - low);
      band += 0.35 * (low - band);
      pcm[i] = loudness * envelope * (low - 0.4 * band);
    }
    return pcm;
  };
  return concat(burst(170, 0.9), silence(60), burst(140, 0.5));
}

/** A cough from a sore throat: a burst, breath after it, and at the end the cords that close again (a short rough voice). */
export function hoarseCough(seed: number): Float32Array {
  const random = seededRandom(seed);
  const burstMs = 60 + 60 * random();
  const breathMs = 90 + 110 * random();
  const voiceMs = 40 + 60 * random();
  const resonance = 900 + 900 * random();
  const pitch = 110 + 120 * random();
  const pcm = silence(burstMs + breathMs + voiceMs);
  const omega = (2 * Math.PI * resonance) / RATE_HZ;
  const radius = 0.93;
  let last = 0;
  let before = 0;
  let phase = 0;
  for (let i = 0; i < pcm.length; i++) {
    const ms = (1000 * i) / RATE_HZ;
    const burst = Math.min(1, ms / 4) * Math.exp(-ms / burstMs);
    const breath = ms > burstMs / 2 ? 0.25 * Math.max(0, 1 - (ms - burstMs / 2) / breathMs) : 0;
    const voicing = Math.max(0, Math.sin((Math.PI * (ms - burstMs - breathMs)) / voiceMs));
    const voiced = ms > burstMs + breathMs ? 0.5 * voicing : 0;
    phase += (pitch * (0.9 + 0.2 * random())) / RATE_HZ;
    const pulse = phase % 1 < 0.12 ? 3 : -0.4;
    const input = (2 * random() - 1) * (burst + breath + 0.4 * voiced) + pulse * voiced;
    const out = input + 2 * radius * Math.cos(omega) * last - radius * radius * before;
    before = last;
    last = out;
    pcm[i] = out;
  }
  return atLoudness(pcm, 0.12);
}

/** "Mm-hm" with closed lips: two nasal murmurs, the second higher. */
export function mmHm(seed: number): Float32Array {
  const random = seededRandom(seed);
  const base = 100 + 90 * random();
  const murmur = (durationMs: number, from: number, to: number) => {
    const pcm = silence(durationMs);
    let phase = 0;
    for (let i = 0; i < pcm.length; i++) {
      const part = i / pcm.length;
      phase += (2 * Math.PI * (from + (to - from) * part)) / RATE_HZ;
      let sum = 0;
      // The nasal formant near 250 Hz passes, what is above 600 Hz hardly.
      for (let n = 1; n <= 12; n++) {
        const hz = n * from;
        sum += (Math.sin(n * phase) / n) * (hz < 400 ? 1 : (400 / hz) ** 3);
      }
      pcm[i] = sum * Math.sin(Math.PI * part) ** 0.5;
    }
    return pcm;
  };
  return atLoudness(
    concat(murmur(190, base, base * 0.94), silence(50), murmur(260, base * 1.05, base * 1.22)),
    0.06,
  );
}

/** A tune that goes on: chords of plucked strings, ten seconds that can be repeated. @param level RMS, dB of full scale. */
export function music(level: number): Float32Array {
  const pcm = silence(10_000);
  const chords = [
    [220, 277, 330],
    [196, 247, 294],
    [175, 220, 262],
    [165, 208, 247],
  ];
  for (let beat = 0; beat < 40; beat++) {
    const chord = chords[Math.floor(beat / 4) % chords.length];
    for (const hz of beat % 4 === 0 ? chord : [2 * chord[beat % 3]])
      for (let i = 0; i < RATE_HZ / 2 && beat * 4_000 + i < pcm.length; i++) {
        const seconds = i / RATE_HZ;
        let sum = 0;
        for (let n = 1; n <= 6; n++) sum += Math.sin(2 * Math.PI * n * hz * seconds) / (n * n);
        pcm[beat * 4_000 + i] += sum * Math.exp(-6 * seconds) * Math.min(1, seconds / 0.005);
      }
  }
  return atLoudness(pcm, 10 ** (level / 20));
}

/** Scales to an RMS, over the part that is not silent. */
export function atLoudness(pcm: Float32Array, rms: number): Float32Array {
  let sum = 0;
  let count = 0;
  for (const sample of pcm)
    if (Math.abs(sample) > 1e-4) {
      sum += sample * sample;
      count++;
    }
  const gain = count > 0 ? rms / Math.sqrt(sum / count) : 0;
  return pcm.map((sample) => Math.max(-1, Math.min(1, sample * gain)));
}

/** First and last sample of a voice: where 20 ms are louder than a twentieth of the loudest. */
export function voiceSpan(pcm: Float32Array): { readonly start: number; readonly end: number } {
  const frame = RATE_HZ / 50;
  const levels: number[] = [];
  for (let at = 0; at + frame <= pcm.length; at += frame) {
    let sum = 0;
    for (const sample of pcm.subarray(at, at + frame)) sum += sample * sample;
    levels.push(Math.sqrt(sum / frame));
  }
  const quiet = 0.05 * Math.max(0, ...levels);
  const first = levels.findIndex((level) => level > quiet);
  const last = levels.findLastIndex((level) => level > quiet);
  return { start: Math.max(0, first) * frame, end: (last + 1) * frame };
}

/** Cuts the silence around a voice. */
export function trimmed(pcm: Float32Array): Float32Array {
  const { start, end } = voiceSpan(pcm);
  return pcm.slice(start, end);
}
