import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkExportFile, sha256 } from '../../src/index.ts';
import { randomBytes, seededRandom } from '../seeded-random.ts';

test('SHA-256 of the examples of FIPS 180-4', () => {
  const text = (words: string) => sha256(new TextEncoder().encode(words));
  expect(text('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(text('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(text('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  );
});

test('SHA-256 of every length up to 260 bytes agrees with Node (seed 51)', () => {
  const random = seededRandom(51);
  for (let length = 0; length <= 260; length++) {
    const bytes = randomBytes(random, length);
    expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});

test('a file that is cut or changed is refused, with what to do', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const file = { path: 'idle.bin', sha256: sha256(bytes), sizeBytes: 3 };
  expect(checkExportFile(bytes, file)).toBe(bytes);
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: 'bad-export', message: expect.stringMatching(message) });
  expect(() => checkExportFile(bytes.slice(1), file)).toThrow(
    refused(/has 2 bytes instead of 3; load it again/),
  );
  expect(() => checkExportFile(Uint8Array.of(1, 2, 4), file)).toThrow(
    refused(/differs from what manifest.json/),
  );
});
