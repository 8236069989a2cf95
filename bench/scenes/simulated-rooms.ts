import { MICROPHONE_RATE_HZ } from '@parley/sdk';

/** How a loudspeaker is heard in a room that was drawn by lot. */
export interface SimulatedRoom {
  /** Size, reverberation and distance, for people. */
  readonly name: string;
  /** 16 kHz, from the direct sound on. */
  readonly response: Float32Array;
}

const SPEED_M_PER_S = 343;
const RESPONSE_MS = 400;

/**
 * A room by the image method (Allen and Berkley 1979): a box of 9 to 60 m², reverberation times of 0.2 to 0.9 s, a loudspeaker
 * 0.4 to 3 m from the microphone that has lost its bass below 120 to 400 Hz.
 */
export function simulatedRoom(seed: number): SimulatedRoom {
  const random = mulberry32(seed);
  const between = (least: number, most: number) => least + (most - least) * random();
  const size = [between(3, 8), between(3, 7.5), between(2.3, 3.4)] as const;
  const reverberationS = between(0.2, 0.9);
  const [x, y, z] = size;
  const volume = x * y * z;
  const surface = 2 * (x * y + y * z + x * z);
  // Eyring's formula.
  const absorbed = 1 - Math.exp((-0.161 * volume) / (surface * reverberationS));
  const reflected = Math.sqrt(1 - absorbed);
  const ear = size.map((side) => between(0.3, 0.7) * side);
  const distance = between(0.4, 3);
  const angle = between(0, 2 * Math.PI);
  const inside = (at: number, side: number) => Math.min(side - 0.2, Math.max(0.2, at));
  const mouth = [
    inside(ear[0] + distance * Math.cos(angle), x),
    inside(ear[1] + distance * Math.sin(angle), y),
    inside(ear[2] + between(-0.3, 0.3), z),
  ];
  const samples = (RESPONSE_MS * MICROPHONE_RATE_HZ) / 1000;
  const response = new Float32Array(samples);
  const apart = Math.hypot(...ear.map((at, axis) => at - mouth[axis]));
  const farthest = apart + (SPEED_M_PER_S * RESPONSE_MS) / 1000;
  const [along, across, up] = size.map((side, axis) => images(mouth[axis], ear[axis], side, farthest));
  for (const a of along)
    for (const b of across)
      for (const c of up) {
        const metres = Math.hypot(a.metres, b.metres, c.metres);
        const at = Math.round(((metres - apart) / SPEED_M_PER_S) * MICROPHONE_RATE_HZ);
        if (at < samples) response[at] += reflected ** (a.walls + b.walls + c.walls) / metres;
      }
  withoutBass(response, between(120, 400));
  const metres = (value: number) => value.toFixed(1);
  return {
    name: `${metres(x)} × ${metres(y)} m, ${reverberationS.toFixed(2)} s, ${metres(apart)} m away`,
    response,
  };
}

/** Mirror images of a source along one axis: how far they are from the ear, and how many walls they met. */
function images(source: number, ear: number, side: number, farthest: number) {
  const found: { readonly metres: number; readonly walls: number }[] = [];
  const most = Math.ceil(farthest / (2 * side)) + 1;
  for (let n = -most; n <= most; n++)
    for (const mirrored of [false, true]) {
      const metres = (mirrored ? -source : source) + 2 * n * side - ear;
      if (Math.abs(metres) <= farthest) found.push({ metres, walls: Math.abs(mirrored ? 2 * n - 1 : 2 * n) });
    }
  return found;
}

/** A small loudspeaker: a high-pass of second order. */
function withoutBass(pcm: Float32Array, belowHz: number): void {
  const share = 1 - Math.exp((-2 * Math.PI * belowHz) / MICROPHONE_RATE_HZ);
  for (let order = 0; order < 2; order++) {
    let low = 0;
    for (let i = 0; i < pcm.length; i++) {
      low += share * (pcm[i] - low);
      pcm[i] -= low;
    }
  }
}

/** Numbers in [0, 1), unlike even for neighbouring seeds (Tommy Ettinger's mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
