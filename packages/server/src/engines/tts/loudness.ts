/** -20 dBFS, about what speech services deliver. */
const TARGET_RMS = 0.1;
const PEAK_LIMIT = 0.89;
const LEAST_GAIN = 0.25;
const MOST_GAIN = 4;
const FRAME_SECONDS = 0.02;
/** Frames this much quieter than the loudest are pauses. */
const GATE_SHARE = 0.1;

/** Brings the clauses of one utterance to one loudness, changing slowly, without ever clipping. */
export class Loudness {
  #gain: number | null = null;

  /** Changes `pcm` in place. */
  apply(pcm: Float32Array, rateHz: number): void {
    const { rms, peak } = measure(pcm, Math.round(rateHz * FRAME_SECONDS));
    if (peak === 0) return;
    const wanted = Math.min(MOST_GAIN, Math.max(LEAST_GAIN, TARGET_RMS / rms));
    this.#gain = this.#gain === null ? wanted : 0.7 * this.#gain + 0.3 * wanted;
    const gain = Math.min(this.#gain, PEAK_LIMIT / peak);
    for (let i = 0; i < pcm.length; i++) pcm[i]! *= gain;
  }
}

/** Fades both ends in place, so that a clause neither starts nor ends with a click. */
export function fadeEnds(pcm: Float32Array, rateHz: number, fadeMs: number): void {
  const length = Math.min(Math.round((rateHz * fadeMs) / 1000), pcm.length >> 1);
  for (let i = 0; i < length; i++) {
    const gain = 0.5 - 0.5 * Math.cos((Math.PI * i) / length);
    pcm[i]! *= gain;
    pcm[pcm.length - 1 - i]! *= gain;
  }
}

function measure(pcm: Float32Array, frame: number): { rms: number; peak: number } {
  const energies: number[] = [];
  let peak = 0;
  for (let at = 0; at < pcm.length; at += frame) {
    const end = Math.min(at + frame, pcm.length);
    let energy = 0;
    for (let i = at; i < end; i++) {
      energy += pcm[i]! ** 2;
      peak = Math.max(peak, Math.abs(pcm[i]!));
    }
    energies.push(energy / (end - at));
  }
  const gate = Math.max(...energies) * GATE_SHARE ** 2;
  const loud = energies.filter((energy) => energy >= gate);
  return { rms: Math.sqrt(loud.reduce((a, b) => a + b, 0) / loud.length), peak };
}
