import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import type { BindTemplate } from '@parley/sdk/bind';
import { createEdgeGraph, geodesicDistances } from '../../packages/sdk/src/bind/geometry/edge-graph.ts';

/** ICT-FaceKit (MIT) in centimetres, as an .npz of float32 holds it. */
export interface IctFaceKit {
  /** V x 3. */
  readonly neutral: Float32Array;
  readonly triangles: Uint32Array;
  /** Expression shapes by name. */
  readonly shapes: ReadonlyMap<string, Float32Array>;
  /** 100 identity modes. */
  readonly identities: readonly Float32Array[];
  /** MediaPipe's 468 points: three vertices and weights each, and their spread in centimetres. */
  readonly landmarks: { readonly tri: number[][]; readonly bary: number[][]; readonly sd_cm: number[] };
}

/** First vertices that belong to the face, the head, the mouth's socket and the eyes' sockets. */
export const ICT = { face: 9409, head: 11248, mouth: 13294, skin: 14062, vertices: 26719 } as const;

/** Reads the data in a folder, or returns null where it is not. */
export function readIctFaceKit(folder: string | undefined): IctFaceKit | null {
  if (!folder || !existsSync(join(folder, 'ict_facekit_f32.npz'))) return null;
  const arrays = readNpz(readFileSync(join(folder, 'ict_facekit_f32.npz')));
  const names = arrays.get('names') as string[];
  const split = (all: Float32Array, count: number) => {
    const size = all.length / count;
    return Array.from({ length: count }, (_, k) => all.subarray(k * size, (k + 1) * size));
  };
  const fields = split(arrays.get('E') as Float32Array, names.length);
  return {
    neutral: arrays.get('V') as Float32Array,
    triangles: Uint32Array.from(arrays.get('F') as Int32Array),
    shapes: new Map(names.map((name, k) => [name, fields[k]])),
    identities: split(arrays.get('I') as Float32Array, 100),
    landmarks: JSON.parse(readFileSync(join(folder, 'ict_facemesh468.json'), 'utf8')),
  };
}

/** Arrays of an .npz (zip of .npy): float32, int32 and unicode text. */
function readNpz(file: Buffer): Map<string, Float32Array | Int32Array | string[]> {
  const out = new Map<string, Float32Array | Int32Array | string[]>();
  const end = file.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    const method = file.readUInt16LE(at + 10);
    const packed = file.readUInt32LE(at + 20);
    const nameLength = file.readUInt16LE(at + 28);
    const name = file.toString('utf8', at + 46, at + 46 + nameLength).replace(/\.npy$/, '');
    const local = file.readUInt32LE(at + 42);
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const bytes = file.subarray(start, start + packed);
    out.set(name, readNpy(method === 8 ? inflateRawSync(bytes) : bytes));
    at += 46 + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return out;
}

function readNpy(bytes: Buffer): Float32Array | Int32Array | string[] {
  const headerLength = bytes[6] === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  const start = (bytes[6] === 1 ? 10 : 12) + headerLength;
  const header = bytes.toString('latin1', start - headerLength, start);
  const data = bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const text = /'<U(\d+)'/.exec(header);
  if (text) {
    const letters = new Uint32Array(data);
    const width = Number(text[1]);
    return Array.from({ length: letters.length / width }, (_, i) =>
      String.fromCodePoint(...letters.subarray(i * width, (i + 1) * width).filter((code) => code > 0)),
    );
  }
  return header.includes("'<f4'") ? new Float32Array(data) : new Int32Array(data);
}

/**
 * Vertices of ICT's inner lips (its iBUG points 60 to 67), upper and lower, from the right corner to the left. The face mesh's own
 * points of the inner lips do not serve: they lie on the upper lip, both rows.
 */
export const LIP_PAIRS = [
  [5702, 5702],
  [5711, 5966],
  [5533, 5517],
  [6216, 6470],
  [6207, 6207],
] as const;

/** ARKit's name of an ICT shape. */
function arkitName(name: string): string {
  return name.replace(/_L$/, 'Left').replace(/_R$/, 'Right');
}

/**
 * ICT's head as a template for the binding, in metres: this measures the method, on the topology that ground truth exists for.
 *
 * @param modes - Identity modes that the fit may use; strangers are made of more.
 */
export function ictTemplate(kit: IctFaceKit, modes = 40): BindTemplate {
  const metres = (values: Float32Array) => values.map((value) => value / 100);
  const positions = Float64Array.from(kit.neutral, (value) => value / 100);
  const shapes = new Map<string, Float32Array>();
  for (const [name, field] of kit.shapes) {
    const inner = name.startsWith('browInnerUp') || name.startsWith('cheekPuff');
    const target = inner ? name.slice(0, -2) : arkitName(name);
    const known = shapes.get(target);
    const offsets = metres(field);
    if (known)
      offsets.forEach((value, i) => {
        known[i] += value;
      });
    else shapes.set(target, offsets);
  }
  const registered = new Float64Array(ICT.skin);
  registered.fill(1, 0, ICT.face);
  registered.fill(0.5, ICT.face, ICT.head);
  const trust = Float64Array.from(kit.landmarks.sd_cm, (sd) =>
    sd > 0.35 ? 0 : Math.min(1, 0.18 / (sd + 0.08)),
  );
  for (const i of [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
    149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
  ])
    trust[i] = 0;
  const triangle = (first: number, end: number, material: string, list: number[]) => {
    const from = list.length / 3;
    for (let t = 0; t < kit.triangles.length; t += 3) {
      const v = kit.triangles[t];
      if (v >= first && v < end) list.push(v, kit.triangles[t + 1], kit.triangles[t + 2]);
    }
    return { material, first: from, count: list.length / 3 - from };
  };
  const list: number[] = [];
  const materials = [
    triangle(0, ICT.head, 'skin', list),
    triangle(ICT.head, ICT.mouth, 'mouth', list),
    triangle(ICT.mouth, ICT.skin, 'skin', list),
    triangle(14062, 17039, 'tongue', list),
    triangle(17039, 21451, 'teeth', list),
    triangle(21451, 24591, 'eyeWhite', list),
  ];
  const sphere = (first: number, count: number) => {
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (let i = first * 3; i < (first + count) * 3; i++) {
      low[i % 3] = Math.min(low[i % 3], positions[i]);
      high[i % 3] = Math.max(high[i % 3], positions[i]);
    }
    return {
      centre: [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2] as const,
      radius: (high[0] - low[0]) / 2,
    };
  };
  return {
    positions,
    indices: Uint32Array.from(list),
    materials,
    colours: {
      skin: [0.8, 0.62, 0.52],
      mouth: [0.42, 0.16, 0.16],
      tongue: [0.72, 0.36, 0.36],
      teeth: [0.93, 0.91, 0.85],
      eyeWhite: [0.92, 0.91, 0.89],
    },
    skinVertices: ICT.skin,
    registered,
    groups: {
      leftEye: { first: 21451, count: 1570 },
      rightEye: { first: 23021, count: 1570 },
      upperTeeth: { first: 17039, count: 2208 },
      lowerTeeth: { first: 19247, count: 2204 },
      tongue: { first: 14062, count: 2977 },
    },
    eyes: { left: sphere(21451, 1570), right: sphere(23021, 1570) },
    controls: [...shapes.keys()],
    fields: [...shapes.values()],
    modes: kit.identities.slice(0, modes).map(metres),
    landmarks: {
      vertices: Uint32Array.from(kit.landmarks.tri.flat()),
      weights: Float64Array.from(kit.landmarks.bary.flat()),
      trust,
    },
    lipPairs: LIP_PAIRS,
    turnShares: new Float64Array(ICT.vertices).fill(1),
  };
}

/** Vertices further from where the lips meet than this, along the surface, are no lips; centimetres. */
const LIP_REACH_CM = 1;

/** For each vertex of ICT's head 1 for the upper lip, 2 for the lower, else 0. */
export function ictLips(kit: IctFaceKit): Uint8Array {
  const graph = createEdgeGraph(Float64Array.from(kit.neutral), kit.triangles);
  const away = [0, 1].map((row) =>
    geodesicDistances(
      graph,
      LIP_PAIRS.slice(1, -1).map((pair) => pair[row]),
      LIP_REACH_CM * 2,
    ),
  );
  return Uint8Array.from(away[0], (upper, v) => {
    const lower = away[1][v];
    if (v >= ICT.head || Math.min(upper, lower) > LIP_REACH_CM) return 0;
    return upper < lower ? 1 : 2;
  });
}
