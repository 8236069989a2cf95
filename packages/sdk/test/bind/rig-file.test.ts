import { expect, test } from 'vitest';
import { type HeadRig, packField, readRigFile, splitPositions, writeRigFile } from '../../src/bind/index.ts';
import { seededRandom } from '../seeded-random.ts';

const HEAD = '0123456789abcdef'.repeat(4);

function smallRig(): HeadRig {
  const field = packField([0, 0, 0, 0.5, -1, 0.25, 0, 0, 0]);
  const still = packField(new Float64Array(9));
  return {
    controls: ['jawOpen', 'tongueOut'],
    parts: [
      {
        vertices: 3,
        splits: { ends: Uint32Array.of(0, 1), ratios: Float32Array.of(0.25) },
        indices: Uint32Array.of(0, 1, 2),
        fields: [field, still],
        turnShares: Uint8Array.of(0, 128, 255),
      },
    ],
    added: [
      {
        name: 'parley-mouth',
        positions: Float32Array.of(1, 2, 3),
        indices: Uint32Array.of(0, 0, 0),
        colours: [{ first: 0, count: 1, rgb: [1, 0.5, 0] }],
        fields: [still, field],
        turnShares: Uint8Array.of(7),
      },
    ],
    pivot: [1, 2, 3],
    eyes: { left: { centre: [1, 0, 0], radius: 0.5 }, right: { centre: [-1, 0, 0], radius: 0.5 } },
    report: {
      toTemplate: {
        scale: 2,
        rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
        translation: Float64Array.of(0.1, 0.2, 0.3),
      },
      insideOut: false,
      landmarkResidualMm: 1.5,
      distanceMm: { mean: 0.1, p95: 0.3 },
      mouth: 'sealed',
      lipShiftMm: 1,
      lipDepthMm: 0.5,
      roles: { skin: 3 },
      eyes: { left: 'ball', right: 'covered' },
      warnings: ['äöü'],
      timingsMs: { weld: 1 },
    },
  };
}

test('a field is packed to 1/32767 of its largest offset, without the vertices that stay', () => {
  const field = packField([0, 0, 0, 0.5, -1, 0.25, 0.0001, 0, 0]);
  expect(field.vertices).toEqual(Uint32Array.of(1));
  expect(field.offsets).toEqual(Int16Array.of(16384, -32767, 8192));
  expect(field.scale).toBeCloseTo(1 / 32767, 12);
});

test('added vertices lie between the two ends', () => {
  const positions = splitPositions(Float32Array.of(0, 0, 0, 4, 8, -4), {
    ends: Uint32Array.of(0, 1),
    ratios: Float32Array.of(0.25),
  });
  expect(Array.from(positions)).toEqual([0, 0, 0, 4, 8, -4, 1, 2, -1]);
});

test('a rig comes back as it was, from any byte offset', () => {
  const bytes = writeRigFile(smallRig(), HEAD);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect(readRigFile(shifted.subarray(3), HEAD)).toEqual(smallRig());
  expect(String.fromCharCode(...bytes.subarray(0, 4))).toBe('PRIG');
  expect(bytes[4]).toBe(1);
});

test('what is cut short, altered, of another version or of another head is told apart', () => {
  const bytes = writeRigFile(smallRig(), HEAD);
  const codeOf = (file: Uint8Array, head = HEAD) => {
    try {
      readRigFile(file, head);
      return 'read';
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  expect(codeOf(bytes)).toBe('read');
  const random = seededRandom(5);
  for (let length = 0; length < bytes.length; length += 1 + Math.floor(random() * 40))
    expect(codeOf(bytes.subarray(0, length))).toBe('rig-damaged');
  for (let i = 0; i < 40; i++) {
    const altered = bytes.slice();
    const at = 16 + Math.floor(random() * (bytes.length - 16));
    altered[at] ^= 1 + Math.floor(random() * 255);
    expect(codeOf(altered), `byte ${at}`).toBe('rig-damaged');
  }
  const newer = bytes.slice();
  newer[4] = 2;
  expect(codeOf(newer)).toBe('rig-version');
  expect(codeOf(bytes, 'f'.repeat(64))).toBe('rig-of-another-head');
  expect(() => writeRigFile(smallRig(), 'no hash')).toThrow(RangeError);
});
