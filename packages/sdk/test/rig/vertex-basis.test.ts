import { expect, test } from 'vitest';
import { applyBasis, type FaceManifest, readVertexBasis } from '../../src/index.ts';
import { realFile, realManifest } from '../real-export.ts';
import { randomBytes, seededRandom } from '../seeded-random.ts';
import { tinyManifest } from '../tiny-manifest.ts';

/** The definition, one number at a time, straight from the bytes. */
function bruteForce(
  bytes: Uint8Array,
  manifest: FaceManifest,
  controls: Float32Array,
  neutral: Float32Array,
) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shapes = manifest.controls.flatMap((control, index) => (control.kind === 'shape' ? [index] : []));
  return Array.from(neutral, (rest, i) => {
    let moved = rest;
    shapes.forEach((control, shape) => {
      const offset = view.getInt16(2 * (shape * manifest.basis.vertices * 3 + i), true);
      moved += controls[control] * manifest.basis.scale[shape] * offset;
    });
    return moved;
  });
}

test('shape 2 is driven by control 2: the rotation between them has no field', () => {
  const manifest = tinyManifest();
  const offsets = new Int16Array(24);
  offsets[0] = 100;
  offsets[12 + 11] = -50;
  const basis = readVertexBasis(new Uint8Array(offsets.buffer), manifest);
  expect(basis).toMatchObject({ vertices: 4, shapes: 2, names: ['jawOpen', 'mouthPucker'] });
  expect([...basis.controlIndices]).toEqual([0, 2]);
  const out = applyBasis(basis, Float32Array.of(1, 9, 0.5), new Float32Array(12), new Float32Array(12));
  expect(out[0]).toBeCloseTo(0.1, 6);
  expect(out[11]).toBeCloseTo(-0.05, 6);
  expect(out.slice(1, 11).every((value) => value === 0)).toBe(true);
});

test('random bases agree with brute force, from any byte offset (seed 61)', () => {
  const random = seededRandom(61);
  const manifest = tinyManifest();
  for (let run = 0; run < 50; run++) {
    const bytes = randomBytes(random, 49).subarray(1);
    const basis = readVertexBasis(bytes, manifest);
    const controls = Float32Array.from({ length: 3 }, () => 2 * random() - 0.5);
    const neutral = Float32Array.from({ length: 12 }, () => random() - 0.5);
    const out = applyBasis(basis, controls, neutral, new Float32Array(12));
    bruteForce(bytes, manifest, controls, neutral).forEach((value, i) => {
      expect(out[i]).toBeCloseTo(value, 4);
    });
  }
});

test('the committed basis agrees with brute force and moves a face, not a house (seed 62)', () => {
  const random = seededRandom(62);
  const manifest = realManifest();
  const bytes = realFile(manifest, 'basis');
  const basis = readVertexBasis(bytes, manifest);
  const size = basis.vertices * 3;
  const controls = Float32Array.from({ length: manifest.controls.length }, () => random());
  const neutral = Float32Array.from({ length: size }, () => random() * 0.2);
  const out = applyBasis(basis, controls, neutral, new Float32Array(size));
  const expected = bruteForce(bytes, manifest, controls, neutral);
  let worst = 0;
  for (let i = 0; i < size; i++) worst = Math.max(worst, Math.abs(out[i] - expected[i]));
  expect(worst).toBeLessThan(1e-6);
  controls.fill(0);
  controls[basis.controlIndices[basis.names.indexOf('jawOpen')]] = 1;
  applyBasis(basis, controls, neutral, out);
  let lowest = 0;
  for (let i = 1; i < size; i += 3) lowest = Math.min(lowest, out[i] - neutral[i]);
  // A jaw opens by 1 to 6 cm.
  expect(lowest).toBeLessThan(-0.01);
  expect(lowest).toBeGreaterThan(-0.06);
});

test('wrong sizes are refused', () => {
  const manifest = tinyManifest();
  expect(() => readVertexBasis(new Uint8Array(47), manifest)).toThrow(
    expect.objectContaining({ code: 'bad-export', message: expect.stringContaining('take 48') }),
  );
  const basis = readVertexBasis(new Uint8Array(48), manifest);
  expect(() => applyBasis(basis, new Float32Array(3), new Float32Array(12), new Float32Array(9))).toThrow(
    RangeError,
  );
});
