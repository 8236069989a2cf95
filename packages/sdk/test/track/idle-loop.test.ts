import { expect, test } from 'vitest';
import { IdleLoop, loadIdleLoop } from '../../src/index.ts';
import { scriptedDecoder } from '../scripted-decoder.ts';
import { tinyManifest } from '../tiny-manifest.ts';

test('the loop is decoded with windows that reach across its seam', async () => {
  const manifest = tinyManifest();
  // Head 0 counts 0 1 2 3 4 0 1 2 3 4.
  const bytes = Uint8Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? (i / 2) % 5 : 0));
  const idle = await loadIdleLoop(bytes, manifest, scriptedDecoder(manifest));
  expect(idle.frames).toBe(10);
  expect(idle.durationMs).toBeCloseTo(333.33, 1);
  const out = new Float32Array(3);
  idle.sampleControls(0, out);
  // Frame 0: its window begins at frame 8, whose code is 3.
  expect([...out]).toEqual([0, 3, 6]);
  idle.sampleControls(1000 * (1.5 / 30), out);
  // Between frame 1 [1, 1 + 4, 1 + 8] and frame 2 [2, 2, 2].
  expect([...out].map((x) => +x.toFixed(4))).toEqual([1.5, 3.5, 5.5]);
});

test('the same room time gives the same face, loops later and before zero', () => {
  const values = Float32Array.from({ length: 90 * 2 }, (_, i) => i);
  const idle = new IdleLoop(values, 2, 30);
  const a = new Float32Array(2);
  const b = new Float32Array(2);
  for (const ms of [0, 17, 1_500, 2_999]) {
    idle.sampleControls(ms, a);
    for (const loops of [1, 1000, -1]) {
      idle.sampleControls(ms + loops * 3_000, b);
      expect(b[0]).toBeCloseTo(a[0], 2);
    }
  }
});

test('a file of another length or with codes outside the codebook is refused', async () => {
  const manifest = tinyManifest();
  const decoder = scriptedDecoder(manifest);
  for (const bytes of [new Uint8Array(19), new Uint8Array(20).fill(5)])
    await expect(loadIdleLoop(bytes, manifest, decoder)).rejects.toMatchObject({ code: 'bad-export' });
  expect(() => new IdleLoop(new Float32Array(5), 2, 30)).toThrow(RangeError);
});
