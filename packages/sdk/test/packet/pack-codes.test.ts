import { expect, test } from 'vitest';
import { codeBits, ParleyError, packCodes, packedFrameBytes, unpackCodes } from '../../src/index.ts';
import { seededRandom } from '../seeded-random.ts';

test('codes of 3 bits are packed from the least significant bit, each frame to whole bytes', () => {
  const layout = { heads: 3, classes: 8 };
  const packed = packCodes(Uint8Array.of(0b101, 0b011, 0b110, 7, 0, 1), layout);
  // 110 011 101 -> 1|10011101
  expect([...packed]).toEqual([0b10011101, 0b00000001, 0b01000111, 0b00000000]);
  expect([...unpackCodes(packed, 2, layout)]).toEqual([5, 3, 6, 7, 0, 1]);
});

test('16 heads of 128 classes take 14 bytes, 8 of 256 take 8', () => {
  expect(packedFrameBytes({ heads: 16, classes: 128 })).toBe(14);
  expect(packedFrameBytes({ heads: 8, classes: 256 })).toBe(8);
  expect(codeBits({ heads: 1, classes: 100 })).toBe(7);
  expect(codeBits({ heads: 1, classes: 2 })).toBe(1);
});

test('every class count from 2 to 256 comes back, for 1 to 255 heads (seed 3)', () => {
  const random = seededRandom(3);
  for (let classes = 2; classes <= 256; classes++) {
    const heads = 1 + Math.floor(random() * 255);
    const frames = Math.floor(random() * 4);
    const codes = Uint8Array.from({ length: heads * frames }, () => random() * classes);
    const packed = packCodes(codes, { heads, classes });
    expect(packed.length).toBe(frames * packedFrameBytes({ heads, classes }));
    expect(unpackCodes(packed, frames, { heads, classes })).toEqual(codes);
  }
});

test('a class index outside the codebook is refused, both ways', () => {
  const layout = { heads: 2, classes: 5 };
  expect(() => packCodes(Uint8Array.of(1, 5), layout)).toThrow(RangeError);
  // 7 in the second head
  expect(() => unpackCodes(Uint8Array.of(0b111_001), 1, layout)).toThrow(ParleyError);
});

test('padding bits are ignored', () => {
  expect([...unpackCodes(Uint8Array.of(0b11_100_001), 1, { heads: 2, classes: 5 })]).toEqual([1, 4]);
});

test('too few bytes, part frames and impossible layouts are refused', () => {
  const layout = { heads: 2, classes: 5 };
  expect(() => unpackCodes(Uint8Array.of(1), 2, layout)).toThrow(/take 2 bytes, but 1/);
  expect(() => packCodes(Uint8Array.of(1, 2, 3), layout)).toThrow(RangeError);
  for (const bad of [
    { heads: 0, classes: 5 },
    { heads: 2, classes: 1 },
    { heads: 2, classes: 257 },
    { heads: 1.5, classes: 5 },
  ])
    expect(() => packCodes(new Uint8Array(0), bad)).toThrow(RangeError);
});
