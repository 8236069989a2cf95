import type { HandPoints, HeadMesh } from '@parley/sdk/bind';
import { ICT, type IctFaceKit } from './ict-face-kit.ts';

/** Mulberry32: numbers in [0, 1), the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A random person of ICT-FaceKit in a random pose and size, as a stranger's head. */
export interface Stranger {
  readonly mesh: HeadMesh;
  readonly points: HandPoints;
  /** ICT's vertex of each vertex of the mesh. */
  readonly sources: Uint32Array;
  /** Takes offsets in metres to the mesh's frame: scaled rotation, row by row. */
  readonly turn: readonly number[];
  /** Units of the mesh per metre. */
  readonly scale: number;
}

/** Identity modes that strangers vary in. */
const MODES = 60;

/**
 * @param noiseMm - Standard deviation of the landmarks' noise per axis, millimetres.
 */
export function makeStranger(kit: IctFaceKit, seed: number, noiseMm: number): Stranger {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const shape = Float64Array.from(kit.neutral, (value) => value / 100);
  for (let k = 0; k < MODES; k++) {
    const c = normal() / 100;
    kit.identities[k].forEach((value, i) => {
      shape[i] += c * value;
    });
  }
  const q = [normal(), normal(), normal(), normal()];
  const length = Math.hypot(...q);
  const [w, x, y, z] = q.map((value) => value / length);
  const scale = Math.exp(normal() * 2);
  const rotation = [
    [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
    [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
    [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
  ];
  const turn = rotation.flat().map((value) => value * scale);
  const shift = [normal() * scale, normal() * scale, normal() * scale];
  const place = (p: ArrayLike<number>, at: number) =>
    rotation.map((row, i) => scale * (row[0] * p[at] + row[1] * p[at + 1] + row[2] * p[at + 2]) + shift[i]);
  const inParts = (v: number) =>
    v < ICT.head || (v >= ICT.mouth && v < ICT.skin) || (v >= 21451 && v < 24591);
  const of = new Int32Array(ICT.vertices).fill(-1);
  const sources: number[] = [];
  const triangles: number[][] = [];
  for (let t = 0; t < kit.triangles.length; t += 3) {
    const corners = [kit.triangles[t], kit.triangles[t + 1], kit.triangles[t + 2]];
    if (corners.every(inParts)) triangles.push(corners);
  }
  for (let i = triangles.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [triangles[i], triangles[j]] = [triangles[j], triangles[i]];
  }
  const indices = triangles.flat().map((v) => {
    if (of[v] < 0) {
      of[v] = sources.length;
      sources.push(v);
    }
    return of[v];
  });
  const positions = Float32Array.from(sources.flatMap((v) => place(shape, v * 3)));
  const points = kit.landmarks.tri.map((tri, landmark) => {
    const p = [0, 0, 0].map(
      (_, axis) =>
        tri.reduce((sum, v, c) => sum + kit.landmarks.bary[landmark][c] * shape[v * 3 + axis], 0) +
        (normal() * noiseMm) / 1000,
    );
    return { landmark, position: place(p, 0) as [number, number, number] };
  });
  const part = {
    name: 'stranger',
    node: 'stranger',
    positions,
    indices: Uint32Array.from(indices),
    material: '',
    opaque: true,
    sourceVertices: Uint32Array.from(sources.keys()),
    morphs: [],
  };
  return {
    mesh: { format: 'obj', parts: [part], joints: [], warnings: [] },
    points: { points },
    sources: Uint32Array.from(sources),
    turn,
    scale,
  };
}
