/**
 * What finding and binding cost for heads of 6,000 to 390,000 vertices, and what loading the rig costs:
 *
 *     npm run bind-speed -w @parley/bench
 *
 * The head is the template with its eyes, teeth and tongue, subdivided; its face is looked for like a stranger's. Times are
 * processor time of the process, which does not count what others do on a busy machine, and the clock's.
 */
import { readFileSync } from 'node:fs';
import { bindHead, findFace, readHead, readRigFile, writeRigFile } from '@parley/sdk/bind';
import { loadBindTemplate } from './load-bind-template.ts';
import { loadNets, loadTemplate } from './load-nets.ts';
import { subdivide } from './subdivide.ts';

const HASH = 'a'.repeat(64);

async function timed<T>(run: () => T | Promise<T>): Promise<{ value: T; cpuMs: number; clockMs: number }> {
  const cpu = process.cpuUsage();
  const clock = performance.now();
  const value = await run();
  const { user, system } = process.cpuUsage(cpu);
  return { value, cpuMs: (user + system) / 1000, clockMs: performance.now() - clock };
}

const nets = await loadNets();
const landmarks = loadTemplate();
const loaded = await timed(loadBindTemplate);
console.log(`template: ${Math.round(loaded.cpuMs)} ms of processor time, once`);
const template = loaded.value;
const file = readFileSync(new URL('../../models/exports/template.obj', import.meta.url));
let mesh = await readHead(file, { fileName: 'template.obj' });
let perVertex = 0;
for (let level = 0; level < 4; level++) {
  if (level > 0) mesh = subdivide(mesh);
  const head = mesh;
  const vertices = head.parts.reduce((sum, part) => sum + part.positions.length / 3, 0);
  const found = await timed(() => findFace(head, { nets, template: landmarks }));
  const bound = await timed(() => bindHead(head, found.value, { template }));
  const again = await timed(() => bindHead(head, found.value, { template }));
  const bytes = writeRigFile(bound.value, HASH);
  const read = await timed(() => readRigFile(bytes, HASH));
  const row = [
    ['find', found],
    ['bind', bound],
    ['bind again', again],
    ['read rig', read],
  ] as const;
  console.log(
    `${vertices} vertices: ${row.map(([name, { cpuMs, clockMs }]) => `${name} ${Math.round(cpuMs)} (${Math.round(clockMs)})`).join(', ')} ms; ` +
      `rig ${(bytes.length / 1e6).toFixed(1)} MB, heap at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
  );
  console.log('   steps, ms:', again.value.report.timingsMs);
  if (perVertex > 0)
    console.log(
      `   bind costs ${(again.cpuMs / vertices / perVertex).toFixed(2)} of the first size's per vertex`,
    );
  else perVertex = again.cpuMs / vertices;
}
await nets.close();
