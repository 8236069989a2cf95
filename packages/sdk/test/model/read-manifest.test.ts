import { expect, test } from 'vitest';
import { readManifest } from '../../src/index.ts';
import { realFile, realManifest } from '../real-export.ts';
import { tinyManifest } from '../tiny-manifest.ts';

test('a good manifest comes back with its unknown fields', () => {
  const json = { ...tinyManifest(), notice: 'kept' };
  expect(readManifest(json)).toBe(json);
});

test('the larger encoder is optional', () => {
  const manifest = structuredClone(tinyManifest());
  const file = { path: 'encoder-server.onnx', sha256: '0'.repeat(64), sizeBytes: 1 };
  const server = { ...manifest.encoders.small, file: 'encoderServer', lookaheadFrames: 2 };
  const json = {
    ...manifest,
    files: { ...manifest.files, encoderServer: file },
    encoders: { ...manifest.encoders, server },
  };
  expect(readManifest(json).encoders.server?.lookaheadFrames).toBe(2);
});

test('the committed export is what its manifest says', () => {
  const manifest = realManifest();
  const { heads, classes, fps } = manifest.codec;
  expect(manifest.controls.filter((control) => control.kind === 'shape')).toHaveLength(53);
  expect(manifest.controls.map((control) => control.name)).toContain('tongueOut');
  // The larger encoder may have to be fetched first.
  for (const name of Object.keys(manifest.files)) if (name !== 'encoderServer') realFile(manifest, name);
  expect(manifest.files.encoderSmall.sizeBytes).toBeLessThanOrEqual(5_000_000);
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
  ['a newer version', (m) => (m.version = 3), /version 3 is not 2; update/],
  ['an older version', (m) => (m.version = 1), /version 1 is older than 2; export the model again/],
  ['no version', (m) => delete m.version, /version undefined is not 2; update/],
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
  ['no small encoder', (m) => delete m.encoders.small, /encoders.small must be an object/],
  ['no file of it', (m) => delete m.files.encoderSmall, /files.encoderSmall is missing/],
  ['another file of it', (m) => (m.encoders.small.file = 'encoder'), /small.file must be "encoderSmall"/],
  ['a file without its encoder', (m) => (m.files.encoderServer = m.files.basis), /encoders.server must be/],
  [
    'an encoder without its file',
    (m) => (m.encoders.server = { ...m.encoders.small, file: 'encoderServer' }),
    /files.encoderServer is missing/,
  ],
  ['another encoder rate', (m) => (m.encoders.small.rateHz = 16_000), /small.rateHz must be 24000/],
  [
    'another hop',
    (m) => (m.encoders.small.hopSamples = 400),
    /small.hopSamples must be 800, a frame at 30 fps/,
  ],
  ['no block', (m) => (m.encoders.small.blockFrames = 0), /small.blockFrames must be an integer/],
  [
    'features unlike the context’s',
    (m) => (m.encoders.small.featureSize = 5),
    /must be the context's, 4, not 5/,
  ],
  [
    'blocks longer than a run',
    (m) => (m.encoders.small.maxFrames = 2),
    /small.maxFrames must be an integer from 3/,
  ],
  ['other inputs', (m) => (m.encoders.small.inputs = ['audio']), /small.inputs lacks "state"/],
  [
    'another label rate',
    (m) => (m.articulator.rateHz = 30),
    /articulator.rateHz must be 24000 \/ samplesPerLabel/,
  ],
  [
    'labels that a frame is no multiple of',
    (m) => Object.assign(m.articulator, { samplesPerLabel: 480, rateHz: 50 }),
    /articulator.samplesPerLabel must divide a frame's 800/,
  ],
  ['a phone less', (m) => (m.articulator.symbols = m.articulator.symbols.slice(0, -1)), /symbols lacks "ZH"/],
  [
    'a phone more',
    (m) => (m.articulator.symbols = [...m.articulator.symbols, 'X']),
    /symbols must have 40 entries, each once, not 41/,
  ],
  ['no margin', (m) => delete m.articulator.marginFrames, /articulator.marginFrames must be a number/],
  ['an emotion less', (m) => (m.emotions = m.emotions.slice(1)), /emotions lacks "joy"/],
  [
    'a context without emotion',
    (m) => (m.context.inputs = ['past', 'features']),
    /context.inputs lacks "emotion"/,
  ],
  ['a negative temperature', (m) => (m.context.temperature = -1), /context.temperature/],
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
