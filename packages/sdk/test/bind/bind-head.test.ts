import { describe, expect, test } from 'vitest';
import { LipCrossing } from '../../../../bench/heads/lip-crossing.ts';
import { readSentences } from '../../../../bench/heads/read-sentences.ts';
import {
  addPackedField,
  applySimilarity,
  bindHead,
  type HeadRig,
  readRigFile,
  splitPositions,
  writeRigFile,
} from '../../src/bind/index.ts';
import { labelTemplate } from '../../src/bind/transfer/label-template.ts';
import { realTemplate } from './real-template.ts';
import { makeStranger, type Stranger } from './strangers.ts';

const template = realTemplate();

/** Relative error of the fields that reached the skin, against those of the template at the places it was made of. */
function fieldError(stranger: Stranger, rig: HeadRig, controls: readonly string[]): number {
  const { vertices: places, weights } = stranger.places;
  const count = places.length / 3;
  const reached = new Float64Array(rig.parts[0].vertices * 3);
  for (const name of controls) addPackedField(rig.parts[0].fields[rig.controls.indexOf(name)], 1, reached);
  let error = 0;
  let size = 0;
  for (let v = 0; v < count; v++) {
    if (![0, 1, 2].every((c) => template.registered[places[v * 3 + c]] > 0.5)) continue;
    const truth = [0, 0, 0];
    for (const name of controls) {
      const field = template.fields[template.controls.indexOf(name)];
      for (let c = 0; c < 3; c++)
        for (let axis = 0; axis < 3; axis++)
          truth[axis] += weights[v * 3 + c] * field[places[v * 3 + c] * 3 + axis];
    }
    stranger.turn(truth).forEach((value, axis) => {
      error += (reached[v * 3 + axis] - value) ** 2;
      size += value ** 2;
    });
  }
  return Math.sqrt(error / size);
}

/** Triangles of the skin whose normal turns by more than a right angle. */
function flippedTriangles(stranger: Stranger, rig: HeadRig, weights: Record<string, number>): number {
  const rest = splitPositions(stranger.mesh.parts[0].positions, rig.parts[0].splits);
  const moved = rest.slice();
  for (const [name, weight] of Object.entries(weights))
    addPackedField(rig.parts[0].fields[rig.controls.indexOf(name)], weight, moved);
  const indices = rig.parts[0].indices ?? stranger.mesh.parts[0].indices;
  let flipped = 0;
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b] = [rest, moved].map((p) => {
      const [i, j, k] = [indices[t] * 3, indices[t + 1] * 3, indices[t + 2] * 3];
      const u = [0, 1, 2].map((axis) => p[j + axis] - p[i + axis]);
      const v = [0, 1, 2].map((axis) => p[k + axis] - p[i + axis]);
      return [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    });
    if (a[0] * b[0] + a[1] * b[1] + a[2] * b[2] < 0) flipped++;
  }
  return flipped;
}

/** By how much the edge that grows most does. */
function longestGrowth(rest: Float32Array, moved: Float32Array, indices: Uint32Array): number {
  let most = 0;
  for (let t = 0; t < indices.length; t++) {
    const [i, j] = [indices[t] * 3, indices[t - (t % 3) + ((t + 1) % 3)] * 3];
    const [before, after] = [rest, moved].map((p) =>
      Math.hypot(p[i] - p[j], p[i + 1] - p[j + 1], p[i + 2] - p[j + 2]),
    );
    most = Math.max(most, after - before);
  }
  return most;
}

/** Millimetres by which the lips pass through each other in the fixed sentences, beyond their rest. */
function crossingMm(stranger: Stranger, rig: HeadRig, frames: readonly Record<string, number>[]): number {
  const { positions, indices } = stranger.mesh.parts[0];
  const { vertices: places, weights } = stranger.places;
  const { ofVertex } = labelTemplate(template);
  const lips = new Set<number>();
  for (const { material, first, count } of template.materials)
    if (material === 'lips')
      for (const v of template.indices.subarray(first * 3, (first + count) * 3)) lips.add(v);
  const sides = Uint8Array.from({ length: positions.length / 3 }, (_, v) => {
    const own = [0, 1, 2].filter((c) => weights[v * 3 + c] > 0).map((c) => places[v * 3 + c]);
    const side = ofVertex[0][own[0]];
    return own.every((place) => lips.has(place) && ofVertex[0][place] === side) ? side : 0;
  });
  const upright = (p: Float32Array) => applySimilarity(rig.report.toTemplate, p);
  const turned = stranger.face.insideOut
    ? indices.map((_, i, all) => all[i - (i % 3) + [0, 2, 1][i % 3]])
    : indices;
  const crossing = new LipCrossing(upright(positions), turned, sides);
  let worst = 0;
  for (const frame of frames) {
    const moved = positions.slice();
    for (const [name, weight] of Object.entries(frame)) {
      const k = rig.controls.indexOf(name);
      if (k >= 0 && weight > 0) addPackedField(rig.parts[0].fields[k], weight, moved);
    }
    worst = Math.max(worst, crossing.measure(upright(moved)) * 1000);
  }
  return worst;
}

const sentences = readSentences().filter((_, i) => i % 8 === 0);

describe('a stranger made of the template', () => {
  test('gets the fields that it was made with (as it is, own eyes and teeth)', {
    timeout: 180_000,
  }, async () => {
    const stranger = makeStranger(template, { seed: 1, teeth: true, noiseMm: 1 });
    const steps: string[] = [];
    const rig = await bindHead(stranger.mesh, stranger.face, {
      template,
      onProgress: (step) => step !== steps.at(-1) && steps.push(step),
    });
    expect(steps).toEqual(['weld', 'register', 'mouth', 'correspond', 'transfer', 'pack']);
    expect(rig.report.mouth).toBe('own');
    expect(rig.added).toEqual([]);
    expect(rig.report.eyes).toEqual({ left: 'ball', right: 'ball' });
    expect(rig.report.roles.leftEye).toBe(template.groups.leftEye?.count);
    expect(rig.report.distanceMm.mean).toBeLessThan(0.3);
    expect(fieldError(stranger, rig, ['jawOpen'])).toBeLessThan(0.12);
    expect(fieldError(stranger, rig, ['mouthSmileLeft', 'mouthSmileRight'])).toBeLessThan(0.12);
    expect(fieldError(stranger, rig, ['mouthPucker'])).toBeLessThan(0.15);
    expect(fieldError(stranger, rig, ['browInnerUp'])).toBeLessThan(0.12);
    // the eyeballs turn about their own centres: every vertex keeps its distance to within a percent
    const eye = stranger.mesh.parts.findIndex(({ name }) => name === 'leftEye');
    const moved = stranger.mesh.parts[eye].positions.slice();
    addPackedField(rig.parts[eye].fields[rig.controls.indexOf('eyeLookOutLeft')], 1, moved);
    const away = (p: Float32Array, i: number) =>
      Math.hypot(...rig.eyes.left.centre.map((c, axis) => p[i + axis] - c));
    for (let i = 0; i < moved.length; i += 3)
      expect(Math.abs(away(moved, i) / away(stranger.mesh.parts[eye].positions, i) - 1)).toBeLessThan(0.02);

    const bytes = writeRigFile(rig, 'a'.repeat(64));
    expect(readRigFile(bytes, 'a'.repeat(64))).toEqual(rig);
  });

  test('remeshed twice as fine, hollow, turned inside out: gets a mouth', { timeout: 180_000 }, async () => {
    const stranger = makeStranger(template, { seed: 2, remesh: 'subdivide', noiseMm: 1, reversed: true });
    const rig = await bindHead(stranger.mesh, stranger.face, { template });
    expect(rig.report.mouth).toBe('hollow');
    expect(rig.added).toHaveLength(1);
    expect(rig.added[0].indices.length).toBeGreaterThan(1000);
    expect(fieldError(stranger, rig, ['jawOpen'])).toBeLessThan(0.12);
    expect(fieldError(stranger, rig, ['eyeBlinkLeft', 'eyeBlinkRight'])).toBeLessThan(0.25);
  });

  test('decimated, cut off behind the ears, with lashes: they go with their lids', {
    timeout: 180_000,
  }, async () => {
    const stranger = makeStranger(template, {
      seed: 6,
      remesh: 'cluster',
      lashes: true,
      maskFrom: 0,
      noiseMm: 1,
    });
    const rig = await bindHead(stranger.mesh, stranger.face, { template });
    expect(rig.report.distanceMm.mean).toBeLessThan(0.6);
    // decimation joined some places of upper and lower lip
    expect(fieldError(stranger, rig, ['jawOpen'])).toBeLessThan(0.2);
    expect(fieldError(stranger, rig, ['mouthSmileLeft', 'mouthSmileRight'])).toBeLessThan(0.15);
    expect(fieldError(stranger, rig, ['mouthPucker'])).toBeLessThan(0.2);
    expect(fieldError(stranger, rig, ['browInnerUp'])).toBeLessThan(0.15);
    const blink = rig.controls.indexOf('eyeBlinkLeft');
    for (const [name, limit] of [
      ['leftUpperLashes', 0.35],
      ['leftLowerLashes', 1],
    ] as const) {
      const p = stranger.mesh.parts.findIndex((part) => part.name === name);
      const moved = new Float64Array(rig.parts[p].vertices * 3);
      addPackedField(rig.parts[p].fields[blink], 1, moved);
      let error = 0;
      let size = 0;
      stranger.sources[p - 1].forEach((source, v) => {
        const truth = stranger.turn(Array.from(template.fields[blink].subarray(source * 3, source * 3 + 3)));
        truth.forEach((value, axis) => {
          error += (moved[v * 3 + axis] - value) ** 2;
          size += value ** 2;
        });
      });
      expect(Math.sqrt(error / size), name).toBeLessThan(limit);
      // no edge of a lash is torn to more than twice its length, or a millimetre
      const { positions, indices } = stranger.mesh.parts[p];
      const length = (i: number, j: number, weight: number) =>
        Math.hypot(
          ...[0, 1, 2].map(
            (axis) =>
              positions[i * 3 + axis] -
              positions[j * 3 + axis] +
              weight * (moved[i * 3 + axis] - moved[j * 3 + axis]),
          ),
        ) / stranger.scale;
      for (let t = 0; t < indices.length; t++) {
        const [i, j] = [indices[t], indices[t - (t % 3) + ((t + 1) % 3)]];
        expect(length(i, j, 1)).toBeLessThan(2 * length(i, j, 0) + 0.001);
      }
    }
  });

  test('with a sealed mouth: is cut along the lips, and they part', { timeout: 180_000 }, async () => {
    const stranger = makeStranger(template, { seed: 3, sealed: true, eyes: false, noiseMm: 1 });
    const rig = await bindHead(stranger.mesh, stranger.face, { template });
    expect(rig.report.mouth).toBe('sealed');
    const { splits, indices, vertices } = rig.parts[0];
    expect(splits?.ratios.length).toBeGreaterThan(20);
    expect(indices?.every((v) => v < vertices)).toBe(true);
    // copies of one split point lie together at rest and far apart with the jaw open
    const rest = splitPositions(stranger.mesh.parts[0].positions, splits);
    const open = rest.slice();
    addPackedField(rig.parts[0].fields[rig.controls.indexOf('jawOpen')], 1, open);
    let widest = 0;
    const first = stranger.mesh.parts[0].positions.length / 3;
    const byPlace = new Map<string, number>();
    for (let v = first; v < vertices; v++) {
      const key = Array.from(rest.subarray(v * 3, v * 3 + 3)).join();
      const other = byPlace.get(key);
      byPlace.set(key, v);
      if (other === undefined) continue;
      const apart = Math.hypot(...[0, 1, 2].map((axis) => open[v * 3 + axis] - open[other * 3 + axis]));
      widest = Math.max(widest, apart / stranger.scale);
    }
    expect(widest).toBeGreaterThan(0.02);
    expect(widest).toBeLessThan(0.06);
    // no triangle of the cut stretches from lip to lip
    expect(longestGrowth(rest, open, indices as Uint32Array) / stranger.scale).toBeLessThan(0.015);
    // sockets without eyes are open, and their lids meet
    expect(rig.report.eyes).toEqual({ left: 'open', right: 'open' });
    expect(fieldError(stranger, rig, ['eyeBlinkLeft', 'eyeBlinkRight'])).toBeLessThan(0.3);
    expect(flippedTriangles(stranger, rig, {})).toBe(0);
    expect(flippedTriangles(stranger, rig, { mouthSmileLeft: 0.2, mouthSmileRight: 0.2 })).toBeLessThan(12);
  });

  test.each([
    { seed: 7, remesh: 'subdivide', noiseMm: 1, strength: 0.4 },
    { seed: 8, teeth: true, noiseMm: 1, strength: 0.4 },
  ] as const)(
    '$seed: its lips do not pass through each other in fixed sentences',
    {
      timeout: 180_000,
    },
    async (options) => {
      const stranger = makeStranger(template, options);
      const rig = await bindHead(stranger.mesh, stranger.face, { template });
      expect(crossingMm(stranger, rig, sentences)).toBeLessThan(0.3);
    },
  );

  test('is refused when the points are nonsense, and stops when told to', { timeout: 180_000 }, async () => {
    const stranger = makeStranger(template, { seed: 4, remesh: 'cluster' });
    const scattered = {
      points: stranger.face.points.map((point, i) => ({
        ...point,
        position: stranger.face.points[(i * 137) % 468].position,
      })),
    };
    await expect(bindHead(stranger.mesh, scattered, { template })).rejects.toMatchObject({
      code: 'binding-refused',
    });
    const stop = new AbortController();
    await expect(
      bindHead(stranger.mesh, stranger.face, {
        template,
        signal: stop.signal,
        onProgress: (step) => step === 'register' && stop.abort(),
      }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    await expect(
      bindHead(stranger.mesh, { points: stranger.face.points.slice(0, 3) }, { template }),
    ).rejects.toThrow(RangeError);
  });
});
