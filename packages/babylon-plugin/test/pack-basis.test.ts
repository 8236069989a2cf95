import { describe, expect, it } from 'vitest';
import { halfFloatBits, halfFloatValue } from '../src/basis/half-float.ts';
import { packBasis, packEntries, unpackFields, unpackTurnWeights } from '../src/basis/pack-basis.ts';

describe('a packed basis', () => {
  const fields = [
    {
      vertices: Uint32Array.of(1, 3),
      positions: Float32Array.of(0.01, -0.02, 0.03, 0.001, 0, 0),
      normals: Float32Array.of(0.1, 0.2, -0.3, 0, 0, 1),
    },
    { vertices: new Uint32Array(0), positions: new Float32Array(0), normals: new Float32Array(0) },
    {
      vertices: Uint32Array.of(3),
      positions: Float32Array.of(0, 0.04, 0),
      normals: Float32Array.of(0, -0.5, 0),
    },
  ];

  it('gives its fields back, as exact as halves are', () => {
    const packed = packBasis({ vertices: 5, fields, turn: null });
    expect(packed).toMatchObject({ vertices: 5, shapes: 3, height: 1 });
    const unpacked = unpackFields(packed);
    fields.forEach((field, k) => {
      expect(unpacked[k].vertices).toEqual(field.vertices);
      field.positions.forEach((value, i) => {
        expect(Math.abs(unpacked[k].positions[i] - value)).toBeLessThan(2e-5);
      });
      field.normals.forEach((value, i) => {
        expect(Math.abs(unpacked[k].normals[i] - value)).toBeLessThan(5e-4);
      });
    });
  });

  it('has an entry for each control that moves a vertex, and for no other', () => {
    const { texels } = packBasis({ vertices: 5, fields, turn: null });
    expect(Array.from({ length: 5 }, (_, v) => texels[v * 4 + 1])).toEqual([0, 1, 0, 2, 0]);
    const first = texels[3 * 4];
    expect([texels[first * 4 + 3], texels[(first + 1) * 4 + 3]]).toEqual([0, 2]);
  });

  it('lets vertices at one place share their entries, and keeps the turn of each', () => {
    const entries = [{ controls: [1], deltas: [1, 2, 3, 0, 0, 1] }];
    const packed = packEntries(2, [0, -1, 0], entries, [0, 0.5, 1]);
    expect(packed.texels[0]).toBe(packed.texels[8]);
    expect(Array.from(unpackTurnWeights(packed))).toEqual([0, 0.5, 1]);
    expect(Array.from(unpackFields(packed)[1].vertices)).toEqual([0, 2]);
  });

  it('keeps its precision whatever the unit of the head', () => {
    for (const unit of [1e-6, 1, 1e6]) {
      const entries = [{ controls: [0], deltas: [unit, -unit / 3, 0, 0, 0, 0] }];
      const [field] = unpackFields(packEntries(1, [0], entries, null));
      expect(field.positions[0] / unit).toBeCloseTo(1, 5);
      expect(field.positions[1] / unit).toBeCloseTo(-1 / 3, 3);
    }
  });
});

describe('half floats', () => {
  it('come back from their bits', () => {
    for (const value of [0, 1, -2.5, 1024, 6e-5, -6e-8, 65504]) {
      expect(halfFloatValue(halfFloatBits(value)) / (value || 1)).toBeCloseTo(value ? 1 : 0, 1);
    }
  });
});
