import { expect, test } from 'vitest';
import { readManifest } from '../../src/index.ts';
import { realFile, realManifest } from '../real-export.ts';
import { tinyManifest } from '../tiny-manifest.ts';

test('a good manifest comes back with its unknown fields', () => {
  const json = { ...tinyManifest(), notice: 'kept' };
  expect(readManifest(json)).toBe(json);
});

test('the committed export is what its manifest says', () => {
  const manifest = realManifest();
  const { heads, classes, fps } = manifest.codec;
  expect(manifest.controls.filter((control) => control.kind === 'shape')).toHaveLength(53);
  expect(manifest.controls.map((control) => control.name)).toContain('tongueOut');
  for (const name of Object.keys(manifest.files)) realFile(manifest, name);
  // Every code of the idle loop is in the codebook.
  const idle = realFile(manifest, 'idle');
  expect(idle.length).toBe(manifest.idle.frames * heads);
  expect(Math.max(...idle)).toBeLessThan(classes);
  expect(manifest.idle.frames / fps).toBeGreaterThanOrEqual(60);
  expect(manifest.files.decoder.sizeBytes).toBeLessThanOrEqual(2 ** 20);
});

// biome-ignore lint/suspicious/noExplicitAny: the changes make it anything but a manifest
test.each<[string, (manifest: any) => void, RegExp]>([
  ['another format', (m) => (m.format = 'gltf'), /format must be/],
  ['a newer version', (m) => (m.version = 2), /version 2 is not 1; update/],
  ['no name', (m) => delete m.name, /name must be a text/],
  ['no codec', (m) => delete m.codec, /codec must be an object/],
  ['no heads', (m) => (m.codec.heads = 0), /codec.heads must be an integer from 1 to 255/],
  ['part of a class', (m) => (m.codec.classes = 4.5), /codec.classes/],
  ['a frame rate that does not divide 24 000', (m) => (m.codec.fps = 29), /codec.fps must divide 24000/],
  ['a neutral face of another width', (m) => (m.codec.neutral = [1]), /codec.neutral must have 2 codes/],
  [
    'a neutral code outside the codebook',
    (m) => (m.codec.neutral = [1, 5]),
    /codec.neutral must be an integer/,
  ],
  ['a head that is lip and upper', (m) => (m.codec.upperHeads = [0, 1]), /names head 0 twice/],
  ['a head that is neither', (m) => (m.codec.upperHeads = []), /must name all 2 heads/],
  ['controls that are no list', (m) => (m.controls = {}), /controls must be a list/],
  [
    'two controls of one name',
    (m) => (m.controls[1].name = 'jawOpen'),
    /controls\[1\].name "jawOpen" is taken/,
  ],
  ['an unknown kind', (m) => (m.controls[0].kind = 'bone'), /controls\[0\].kind/],
  ['an unknown unit', (m) => (m.controls[0].unit = 'deg'), /controls\[0\].unit/],
  ['an empty range', (m) => (m.controls[0].max = 0), /controls\[0\].max must be above min/],
  ['no basis file', (m) => delete m.files.basis, /files.basis is missing/],
  ['a path out of the folder', (m) => (m.files.idle.path = '../idle.bin'), /relative path inside/],
  ['an absolute path', (m) => (m.files.idle.path = '/etc/passwd'), /relative path inside/],
  ['a path that is a URL', (m) => (m.files.idle.path = 'https://example.org/x'), /relative path inside/],
  ['a hash that is none', (m) => (m.files.idle.sha256 = 'abc'), /files.idle.sha256/],
  ['an empty file', (m) => (m.files.idle.sizeBytes = 0), /files.idle.sizeBytes/],
  ['no encoder rate', (m) => delete m.encoder.rateHz, /encoder.rateHz must be a number/],
  ['no context window', (m) => delete m.context.window, /context.window/],
  ['a scale short', (m) => m.basis.scale.pop(), /for each of the 2 shape controls, not 1/],
  ['a scale that is no number', (m) => (m.basis.scale[0] = null), /basis.scale must be a number/],
  ['no idle loop', (m) => (m.idle.frames = 0), /idle.frames/],
  ['no scores', (m) => delete m.scores, /scores must be an object/],
])('%s is refused by name', (_, change, message) => {
  const manifest = structuredClone(tinyManifest());
  change(manifest);
  expect(() => readManifest(manifest)).toThrow(
    expect.objectContaining({ code: 'bad-manifest', message: expect.stringMatching(message) }),
  );
});

test.each([undefined, null, 'text', 7, []])('%j is no manifest', (json) => {
  expect(() => readManifest(json)).toThrow(expect.objectContaining({ code: 'bad-manifest' }));
});
