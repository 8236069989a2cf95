import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeIO } from '@gltf-transform/core';
import { ALL_EXTENSIONS } from '@gltf-transform/extensions';
import { readRigFile } from '@parley/sdk/bind';
import { validateBytes } from 'gltf-validator';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { OWN_EXPORTS } from '../../src/animate/face-model-files.ts';
import { writeWav } from '../../src/audio/write-wav.ts';
import { strangerObj, writeBadHeads } from './stranger-files.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const PARLEY = join(import.meta.dirname, '../../src/cli/parley.ts');
let folder: string;
let head: string;
let bad: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-bind-'));
  const obj = await strangerObj(11);
  head = join(folder, 'stranger.obj');
  await writeFile(head, obj);
  bad = await writeBadHeads(folder, obj);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [PARLEY, ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  return { child, ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr }))) };
}

const parley = (...args: string[]): Promise<Ended> => start(...args).ended;

async function json(name: string) {
  return JSON.parse(await readFile(join(folder, name), 'utf8'));
}

describe('a stranger in centimetres, Z up, looking elsewhere', () => {
  test('is bound: rig, report and sheet', async () => {
    const { code, stderr } = await parley(
      ...['bind', head, '--out', 'stranger.parley-rig', '--report', 'report.json', '--sheet', 'sheet.png'],
    );
    expect(stderr).toContain('stranger.obj is bound');
    expect(code).toBe(0);
    const report = await json('report.json');
    expect(report).toMatchObject({
      head: 'stranger.obj',
      format: 'obj',
      status: 'bound',
      mesh: { parts: 1, joints: 0 },
      face: { status: 'found', doubts: [] },
      binding: { mouth: 'hollow' },
      orientation: { insideOut: false },
    });
    expect(report.orientation.words).toContain('up is +z');
    expect(report.orientation.metresPerUnit).toBeCloseTo(0.01, 3);
    expect(report.orientation.front[0]).toBeCloseTo(Math.sin(0.3), 1);
    expect(report.orientation.front[1]).toBeCloseTo(-Math.cos(0.3), 1);
    expect(report.binding.landmarkResidualMm).toBeLessThan(4);
    expect(report.binding.distanceMm.mean).toBeLessThan(0.6);
    for (const step of ['read', 'find', 'bind', 'draw']) expect(report.timingsMs[step]).toBeGreaterThan(0);
    const rig = readRigFile(
      new Uint8Array(await readFile(join(folder, 'stranger.parley-rig'))),
      report.sha256,
    );
    expect(rig.parts[0].vertices).toBeGreaterThanOrEqual(report.mesh.vertices);
    const png = await readFile(join(folder, 'sheet.png'));
    expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2048, 512]);
  });

  test('becomes a .glb with ARKit’s shapes, upright and in metres, that the validator has no quarrel with', async () => {
    expect((await parley('bind', head, '--out', 'stranger.glb')).code).toBe(0);
    const bytes = new Uint8Array(await readFile(join(folder, 'stranger.glb')));
    const { issues } = (await validateBytes(bytes)) as { issues: { numErrors: number } };
    expect(issues.numErrors).toBe(0);
    const document = await new NodeIO().registerExtensions(ALL_EXTENSIONS).readBinary(bytes);
    const names = document
      .getRoot()
      .listMeshes()
      .flatMap((mesh) => mesh.getExtras().targetNames as string[]);
    for (const name of ['jawOpen', 'mouthClose', 'eyeBlinkLeft', 'mouthSmileRight'])
      expect(names).toContain(name);
    const upright = document
      .getRoot()
      .listNodes()
      .find((node) => node.getName() === 'upright');
    expect(upright?.getScale()[0]).toBeCloseTo(0.01, 3);
  });

  test('is animated: its 68 points open their lips, upright and in metres', async () => {
    const fixture = JSON.parse(await readFile(join(OWN_EXPORTS, 'fixtures/encoder-small.json'), 'utf8'));
    await writeFile(join(folder, 'a.wav'), writeWav(Float32Array.from(fixture.audio.data), 24_000));
    const common = ['a.wav', '--head', head, '--rig', 'stranger.parley-rig', '--encoder', 'small'];
    expect(await parley('animate', ...common, '--out', 'take.json')).toMatchObject({ code: 0 });
    expect(await parley('animate', 'a.wav', '--encoder', 'small', '--out', 'template.json')).toMatchObject({
      code: 0,
    });
    const [take, template] = [await json('take.json'), await json('template.json')];
    const gaps = ({ keypoints }: typeof take): number[] =>
      keypoints.frames.map((points: number[][]) => points[62][1] - points[66][1]);
    expect(correlation(gaps(take), gaps(template))).toBeGreaterThan(0.97);
    const size = ([...points]: number[][]) =>
      Math.hypot(...points[36].map((value, i) => value - points[45][i]));
    expect(size(take.keypoints.frames[0]) / size(template.keypoints.frames[0])).toBeCloseTo(1, 0);
    // The chin is below the nose and the tip of the nose before it.
    const [points] = take.keypoints.frames;
    expect(points[30][1] - points[8][1]).toBeGreaterThan(0.04);
    expect(points[30][2] - points[36][2]).toBeGreaterThan(0.015);

    expect(await parley('animate', ...common, '--out', 'take.glb')).toMatchObject({ code: 0 });
    const bytes = new Uint8Array(await readFile(join(folder, 'take.glb')));
    expect(((await validateBytes(bytes)) as { issues: { numErrors: number } }).issues.numErrors).toBe(0);
    const document = await new NodeIO().registerExtensions(ALL_EXTENSIONS).readBinary(bytes);
    const [animation] = document.getRoot().listAnimations();
    expect(animation.listChannels().map((channel) => channel.getTargetPath())).toContain('rotation');
  });

  test('a rig of another head is refused', async () => {
    await writeFile(join(folder, 'other.obj'), `${await readFile(head, 'utf8')}# another\n`);
    const { code, stderr } = await parley(
      ...['animate', 'a.wav', '--head', 'other.obj', '--rig', 'stranger.parley-rig', '--out', 'x.json'],
    );
    expect(code).toBe(1);
    expect(stderr).toContain('another file');
  });
});

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (f: (i: number) => number) => a.reduce((total, _, i) => total + f(i), 0);
  return (
    sum((i) => (a[i] - ma) * (b[i] - mb)) /
    Math.sqrt(sum((i) => (a[i] - ma) ** 2) * sum((i) => (b[i] - mb) ** 2))
  );
}

describe('what is no head, in one line that says what to do', () => {
  test.each([
    ['nan.obj', 1, 'no place in space'],
    ['empty.obj', 1, 'no bytes'],
    ['truncated.glb', 1, 'load the whole file again'],
    ['cut.obj', 1, 'load the whole file again'],
    ['words.obj', 1, 'is no mesh'],
    ['mesh.fbx', 1, 'FBX'],
    ['cube.obj', 3, 'hardly looks like a face'],
    ['two.obj', 3, 'several places look like faces'],
  ])('%s', async (name, code, words) => {
    const out = `${name}.parley-rig`;
    const result = await parley('bind', bad[name], '--out', out);
    expect(result.stderr).toContain(words);
    expect(result).toMatchObject({ code });
    expect(
      result.stderr
        .trimEnd()
        .split('\n')
        .filter((line) => !/ \d+ %$/.test(line)),
    ).toHaveLength(1);
    expect(await readdir(folder)).not.toContain(out);
    expect((await readdir(folder)).filter((file) => file.endsWith('.part'))).toEqual([]);
  });

  test('two faces: the points of each are proposed, and either binds', async () => {
    const proposed = (await readdir(folder)).filter((file) => file.startsWith('two.obj.points')).sort();
    expect(proposed).toHaveLength(2);
    const places = await Promise.all(proposed.map(async (file) => (await json(file)).points[0].position[0]));
    expect(Math.abs(places[0] - places[1])).toBeGreaterThan(30);
    const result = await parley('bind', bad['two.obj'], '--points', proposed[0], '--out', 'two.parley-rig');
    expect(result.stderr).toContain('points by hand');
    expect(result.code).toBe(0);
  });

  test('points that are none', async () => {
    await writeFile(join(folder, 'p.json'), '{"points": [{"name": "chin", "position": [0, 1]}]}');
    expect(await parley('bind', head, '--points', 'p.json', '--out', 'x.parley-rig')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('p.json holds no points of a face'),
    });
  });

  test.each([
    ['nowhere to write', ['bind', 'stranger.obj'], '--out stranger.parley-rig'],
    ['an unknown ending', ['bind', 'stranger.obj', '--out', 'a.obj'], '.parley-rig or .glb'],
    ['a rig without a head', ['animate', 'a.wav', '--rig', 'r', '--out', 'a.json'], '--head'],
  ])('misuse: %s', async (_what, args, words) => {
    expect(await parley(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
  });

  test('Ctrl-C stops in the middle of the work and leaves nothing', async () => {
    const before = await readdir(folder);
    const { child, ended } = start('bind', head, '--out', 'late.parley-rig', '--sheet', 'late.png');
    while (!(await readdir(folder)).some((file) => file.includes('late.png')))
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130 });
    expect(await readdir(folder)).toEqual(before);
  });
});
