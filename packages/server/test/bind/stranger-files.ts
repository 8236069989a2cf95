import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OWN_EXPORTS } from '../../src/animate/face-model-files.ts';
import { loadBindModelFiles } from '../../src/bind/bind-model-files.ts';

/** A person that nobody drew, as an .obj text: identity, pose and unit of their own, triangles finer than the template's. */
export async function strangerObj(seed: number): Promise<string> {
  const { template } = await loadBindModelFiles(OWN_EXPORTS);
  const random = mulberry32(seed);
  const shape = template.positions.slice();
  template.modes.forEach((mode) => {
    const strength = (random() - 0.5) * 1.6;
    for (let i = 0; i < shape.length; i++) shape[i] += strength * mode[i];
  });
  // Z up, looking along -y, in centimetres, and turned a little.
  const angle = 0.3;
  const points: number[][] = [];
  for (let v = 0; v < template.skinVertices; v++) {
    const [x, y, z] = shape.subarray(3 * v, 3 * v + 3);
    const [lx, ly] = [
      Math.cos(angle) * x + Math.sin(angle) * z,
      -(Math.cos(angle) * z - Math.sin(angle) * x),
    ];
    points.push([100 * lx + 20, 100 * ly - 7, 100 * y + 160]);
  }
  const middles = new Map<string, number>();
  const middle = (a: number, b: number): number => {
    const key = a < b ? `${a},${b}` : `${b},${a}`;
    const known = middles.get(key);
    if (known !== undefined) return known;
    middles.set(key, points.length);
    points.push(points[a].map((value, axis) => (value + points[b][axis]) / 2));
    return points.length - 1;
  };
  const faces: number[][] = [];
  for (let t = 0; t < template.indices.length; t += 3) {
    const [a, b, c] = template.indices.subarray(t, t + 3);
    if (a >= template.skinVertices) continue;
    const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
    faces.push([a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]);
  }
  return [
    ...points.map((p) => `v ${p.map((value) => value.toFixed(5)).join(' ')}`),
    ...faces.map((f) => `f ${f.map((v) => v + 1).join(' ')}`),
    '',
  ].join('\n');
}

/** Puts two of a head side by side into one file. */
export function twice(obj: string, apart: number): string {
  const lines = obj.split('\n');
  const vertices = lines.filter((line) => line.startsWith('v '));
  const faces = lines.filter((line) => line.startsWith('f '));
  return [
    ...vertices,
    ...vertices.map((line) => line.replace(/^v (\S+)/, (_, x) => `v ${Number(x) + apart}`)),
    ...faces,
    ...faces.map((line) => line.replace(/\d+/g, (index) => String(Number(index) + vertices.length))),
    '',
  ].join('\n');
}

/** Writes what is no head, or not one that can be bound, and gives the paths by what they are. */
export async function writeBadHeads(folder: string, stranger: string): Promise<Record<string, string>> {
  const files: Record<string, string | Uint8Array> = {
    'nan.obj': stranger.replace(/^v \S+/m, 'v nan'),
    'empty.obj': '',
    'truncated.glb': new Uint8Array(
      await readFile(join(import.meta.dirname, '../../../../examples/metaverse-room/public/heads/guide.glb')),
    ).subarray(0, 5000),
    'cut.obj': stranger.slice(0, stranger.indexOf('f ') - 4000),
    'words.obj': 'Dear head,\nplease speak.\n',
    'mesh.fbx': 'Kaydara FBX Binary  ',
    'cube.obj': CUBE,
    'two.obj': twice(stranger, 40),
  };
  const paths: Record<string, string> = {};
  for (const [name, content] of Object.entries(files)) {
    paths[name] = join(folder, name);
    await writeFile(paths[name], content);
  }
  return paths;
}

const CUBE = `v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv 0 0 1\nv 1 0 1\nv 1 1 1\nv 0 1 1
f 4 3 2 1\nf 5 6 7 8\nf 1 2 6 5\nf 2 3 7 6\nf 3 4 8 7\nf 4 1 5 8\n`;

function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
