/**
 * Finds the face on heads as they are and turned at random, and says how long it takes (processor time) and how far off it is:
 *
 *     npm run heads -w @parley/bench -- [--turns 5] [--seed 1] [--sheet sheet.png] [files …]
 *
 * Without files: the template and what PARLEY_HEADS_DATA holds. `agreement` is the mean distance of the landmarks of a turned
 * head to those of the unturned one, brought back, in millimetres of the template.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type FoundFace, findFace, type HeadMesh, readHead } from '@parley/sdk/bind';
import { writePng } from '../../packages/server/src/bind/write-png.ts';
import { drawFace } from './draw-face.ts';
import { loadNets, loadTemplate } from './load-nets.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    sheet: { type: 'string' },
  },
});
/** Processor time of this process: unlike the clock's, it does not count what others do on a busy machine. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const nets = await loadNets();
const template = loadTemplate();

function defaultFiles(): string[] {
  const files = [fileURLToPath(new URL('../../models/exports/template.obj', import.meta.url))];
  const folder = process.env.PARLEY_HEADS_DATA;
  if (folder && existsSync(folder))
    for (const name of readdirSync(folder).sort())
      if (/\.(obj|glb|gltf)$/.test(name) && !/inner/.test(name)) files.push(join(folder, name));
  if (!folder) console.log('PARLEY_HEADS_DATA is not set: only the template is tried');
  return files;
}

/** Mulberry32. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A turn, each as likely as any other (Shoemake 1992), row-major. */
function randomTurn(random: () => number): number[] {
  const [u, v, w] = [random(), 2 * Math.PI * random(), 2 * Math.PI * random()];
  const x = Math.sqrt(1 - u) * Math.sin(v);
  const y = Math.sqrt(1 - u) * Math.cos(v);
  const z = Math.sqrt(u) * Math.sin(w);
  const q = Math.sqrt(u) * Math.cos(w);
  return [
    1 - 2 * (y * y + z * z),
    2 * (x * y - q * z),
    2 * (x * z + q * y),
    2 * (x * y + q * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - q * x),
    2 * (x * z - q * y),
    2 * (y * z + q * x),
    1 - 2 * (x * x + y * y),
  ];
}

function turned(head: HeadMesh, r: number[], scale: number): HeadMesh {
  return {
    ...head,
    parts: head.parts.map((part) => {
      const positions = new Float32Array(part.positions.length);
      for (let i = 0; i < positions.length; i += 3)
        for (let a = 0; a < 3; a++)
          positions[i + a] =
            scale *
            (r[3 * a] * part.positions[i] +
              r[3 * a + 1] * part.positions[i + 1] +
              r[3 * a + 2] * part.positions[i + 2]);
      return { ...part, positions };
    }),
  };
}

function agreementMm(unturned: FoundFace, found: FoundFace, r: number[], scale: number): number {
  let sum = 0;
  let total = 0;
  const a = unturned.landmarks;
  const b = found.landmarks.positions;
  for (let i = 0; i < a.count; i++) {
    let squared = 0;
    for (let axis = 0; axis < 3; axis++) {
      let back = 0;
      for (let k = 0; k < 3; k++) back += r[3 * k + axis] * b[3 * i + k];
      squared += (back / scale - a.positions[3 * i + axis]) ** 2;
    }
    sum += a.weights[i] * Math.sqrt(squared) * unturned.toTemplate.scale * 1000;
    total += a.weights[i];
  }
  return sum / total;
}

const files = positionals.length > 0 ? positionals : defaultFiles();
const cell = 256;
const pictures: Uint8Array[] = [];
let tries = 0;
let right = 0;
for (const file of files) {
  const head = await readHead(readFileSync(file), { fileName: basename(file) });
  const triangles = head.parts.reduce((sum, part) => sum + part.indices.length / 3, 0);
  let startMs = cpuMs();
  const found = await findFace(head, { nets, template });
  const tookMs = cpuMs() - startMs;
  console.log(
    `${basename(file)}: ${triangles} triangles, ${found.status} ${found.doubts.join(' ')}, score ${found.score.toFixed(2)}, ` +
      `residual ${found.residualMm.toFixed(1)} mm, spread ${found.spreadMm.toFixed(2)} mm, ${tookMs.toFixed(0)} ms` +
      `${found.insideOut ? ', inside out' : ''}`,
  );
  for (const { score, residualMm, centre } of found.candidates.slice(1))
    console.log(
      `    also ${score.toFixed(2)}, ${residualMm.toFixed(1)} mm, at ${centre.map((x) => x.toFixed(2))}`,
    );
  if (values.sheet) pictures.push(drawFace(head, found, template, cell));
  const random = seededRandom(Number(values.seed));
  const line: string[] = [];
  for (let turn = 0; turn < Number(values.turns); turn++) {
    const r = randomTurn(random);
    const scale = 10 ** (6 * random() - 3);
    startMs = cpuMs();
    const again = await findFace(turned(head, r, scale), { nets, template });
    const agreement = agreementMm(found, again, r, scale);
    line.push(
      `${again.status} ${agreement.toFixed(1)} mm ${(cpuMs() - startMs).toFixed(0)} ms ${again.doubts.join(' ')}`,
    );
    if (found.status !== 'found') continue;
    tries++;
    if (again.status === 'found' && agreement < 4) right++;
  }
  if (line.length > 0) console.log(`    turned: ${line.join(' | ')}`);
}
await nets.close();
if (tries > 0) console.log(`turned heads found again within 4 mm: ${right} of ${tries}`);

if (values.sheet) {
  const columns = 3;
  const rows = Math.ceil(pictures.length / columns);
  const sheet = new Uint8Array(columns * 2 * cell * rows * cell * 3);
  pictures.forEach((picture, i) => {
    for (let y = 0; y < cell; y++)
      sheet.set(
        picture.subarray(y * 6 * cell, (y + 1) * 6 * cell),
        ((Math.floor(i / columns) * cell + y) * columns + (i % columns)) * 6 * cell,
      );
  });
  writeFileSync(values.sheet, writePng({ width: columns * 2 * cell, height: rows * cell, rgb: sheet }));
}
