import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readHead } from '../../src/bind/index.ts';
import { exportsUrl } from '../real-export.ts';

const obj = (text: string) => readHead(new TextEncoder().encode(text), { fileName: 'head.obj' });
const failure = (bytes: Uint8Array | string, fileName = 'head.obj') =>
  readHead(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes, { fileName }).then(
    () => 'read',
    (error) => `${error.name} ${error.code}`,
  );

test('positions, groups, materials, normals and turned uvs', async () => {
  const head = await obj(`# a head
mtllib head.mtl
o Head
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
vt 0 0.25
vt 1 0.25
vt 1 1
vn 0 0 2
usemtl skin
f 1/1/1 2/2/1 3/3/1
g eye left
usemtl white
f 1/1/1 3/3/1 4/1/1
`);
  expect(head.format).toBe('obj');
  expect(head.parts.map(({ name, material }) => [name, material])).toEqual([
    ['Head', 'skin'],
    ['eye left', 'white'],
  ]);
  const [skin, eye] = head.parts;
  expect([...skin.positions]).toEqual([0, 0, 0, 1, 0, 0, 1, 1, 0]);
  expect([...skin.indices]).toEqual([0, 1, 2]);
  expect([...skin.normals!]).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 1]);
  expect([...skin.uvs!]).toEqual([0, 0.75, 1, 0.75, 1, 0]);
  expect([...eye.sourceVertices]).toEqual([0, 2, 3]);
});

test('a vertex with two uvs becomes two, with one normal missing there are none', async () => {
  const head = await obj(
    'v 0 0 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\nvt 0 0\nvt 1 1\nvn 0 0 1\nf 1/1/1 2/1/1 3/1/1\nf 2/2/1 4/2 3/2/1\n',
  );
  const [part] = head.parts;
  expect([...part.sourceVertices]).toEqual([0, 1, 2, 1, 3, 2]);
  expect(part.normals).toBeUndefined();
  expect(part.uvs).toHaveLength(12);
});

test('CRLF, lone CR, tabs, continued lines, negative indices, exponents, a byte order mark', async () => {
  const head = await obj(
    '\ufeffv 0 0 0\r\nv\t1e0 0 0\r\nv 0 \\\r\n 1.5E-1 0\r\rv 1 1 -.5\nf -4 -3 \\\n -2\rf -1 -2 -3\r\n',
  );
  const [part] = head.parts;
  expect([...part.positions].map((x) => Number(x.toFixed(6)))).toEqual([
    0, 0, 0, 1, 0, 0, 0, 0.15, 0, 1, 1, -0.5,
  ]);
  expect([...part.indices]).toEqual([0, 1, 2, 3, 2, 1]);
});

test('faces may come before their vertices', async () => {
  const head = await obj('f 1 2 3\nv 0 0 0\nv 1 0 0\nv 0 1 0\n');
  expect(head.parts[0].indices).toHaveLength(3);
});

test('vertex colours, 0 to 1 and 0 to 255', async () => {
  const bright = await obj('v 0 0 0 1 0.5 0\nv 1 0 0 0 0 1\nv 0 1 0 0 0 0\nf 1 2 3\n');
  expect([...bright.parts[0].colours!]).toEqual([1, 0.5, 0, 0, 0, 1, 0, 0, 0]);
  const bytes = await obj('v 0 0 0 255 51 0\nv 1 0 0 0 0 255\nv 0 1 0 0 0 0\nf 1 2 3\n');
  expect([...bytes.parts[0].colours!].map((x) => Number(x.toFixed(3)))).toEqual([
    1, 0.2, 0, 0, 0, 1, 0, 0, 0,
  ]);
});

test('a concave polygon is cut inside itself', async () => {
  // An L: a fan from its first corner would leave it.
  const head = await obj('v 2 1 0\nv 1 1 0\nv 1 2 0\nv 0 2 0\nv 0 0 0\nv 2 0 0\nf 1 2 3 4 5 6\n');
  const [{ positions: p, indices }] = head.parts;
  let area = 0;
  for (let i = 0; i < indices.length; i += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => 3 * indices[i + k]);
    const doubled = (p[b] - p[a]) * (p[c + 1] - p[a + 1]) - (p[b + 1] - p[a + 1]) * (p[c] - p[a]);
    expect(doubled).toBeGreaterThan(0);
    area += doubled / 2;
  }
  expect(indices).toHaveLength(12);
  expect(area).toBeCloseTo(3, 12);
});

test('what is no face is left out and said', async () => {
  const head = await obj('v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 2\nf 1 2 3\nl 1 2\np 1\n');
  expect(head.parts[0].indices).toHaveLength(3);
  expect(head.warnings).toEqual([
    '1 faces with fewer than three corners were left out',
    '1 lines of "l" were left out',
    '1 lines of "p" were left out',
  ]);
});

test.each([
  ['no bytes', '', 'empty-mesh'],
  ['no faces', 'v 0 0 0\nv 1 0 0\nv 0 1 0\n', 'empty-mesh'],
  ['only flat faces', 'v 0 0 0\nv 0 0 0\nv 0 0 0\nf 1 2 3\n', 'empty-mesh'],
  ['only comments and a group', '# nothing\ng head\n', 'empty-mesh'],
  ['NaN', 'v 0 nan 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n', 'non-finite-mesh'],
  ["Visual C's NaN", 'v 0 -1.#IND 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n', 'non-finite-mesh'],
  ['infinity', 'v 0 0 Infinity\nv 1 0 0\nv 0 1 0\nf 1 2 3\n', 'non-finite-mesh'],
  ['beyond 32 bits', 'v 0 0 1e39\nv 1 0 0\nv 0 1 0\nf 1 2 3\n', 'non-finite-mesh'],
  ['beyond 64 bits', 'v 0 0 1e999\nv 1 0 0\nv 0 1 0\nf 1 2 3\n', 'non-finite-mesh'],
  ['a word', 'v 0 zero 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n', 'malformed-mesh'],
  ['decimal commas', 'v 0,5 0,1 0,2\nv 1 0 0\nv 0 1 0\nf 1 2 3\n', 'malformed-mesh'],
  ['index 0', 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 0 1 2\n', 'malformed-mesh'],
  ['index before the first', 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf -4 1 2\n', 'malformed-mesh'],
  ['vertices cut off', 'v 0 0 0\nv 1 0 0\nv 0 1', 'truncated-mesh'],
  ['a face cut off', 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\nf 1 2', 'truncated-mesh'],
  ['vertices lost', 'v 0 0 0\nv 1 0 0\nf 1 2 900\n', 'truncated-mesh'],
  ['prose', 'This is a letter to my aunt.\nIt holds no mesh.\n', 'not-a-mesh'],
])('%s', async (_, text, code) => {
  expect(await failure(text)).toBe(`ParleyError ${code}`);
});

test.each([
  ['noise', Uint8Array.from({ length: 400 }, (_, i) => (i * 73) % 256), 'not-a-mesh'],
  ['PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), 'unsupported-mesh'],
  ['FBX', new TextEncoder().encode('Kaydara FBX Binary  \0'), 'unsupported-mesh'],
  ['PLY', new TextEncoder().encode('ply\nformat ascii 1.0\n'), 'unsupported-mesh'],
  ['STL', new TextEncoder().encode('solid head\nfacet normal 0 0 1\n'), 'unsupported-mesh'],
])('%s under the name of an .obj', async (_, bytes, code) => {
  expect(await failure(bytes)).toBe(`ParleyError ${code}`);
});

test('a wrong name is said, not obeyed', async () => {
  const bytes = new TextEncoder().encode('v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n');
  const head = await readHead(bytes, { fileName: 'head.glb' });
  expect(head.warnings).toEqual(['head.glb is named .glb and holds obj']);
});

test('the template: all vertices, in their order, wherever it is cut no exception but ours', async () => {
  const bytes = new Uint8Array(readFileSync(new URL('template.obj', exportsUrl)));
  const head = await readHead(bytes, { fileName: 'template.obj' });
  const seen = new Set(head.parts.flatMap(({ sourceVertices }) => [...sourceVertices]));
  expect(seen.size).toBe(6240);
  for (let cut = 1; cut < 12; cut++) {
    const outcome = await failure(bytes.subarray(0, Math.floor((bytes.length * cut) / 12)));
    expect(outcome).toMatch(/^(read|ParleyError (truncated|empty)-mesh)$/);
  }
});
