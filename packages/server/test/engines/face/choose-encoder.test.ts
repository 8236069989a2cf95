import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { chooseEncoder } from '../../../src/engines/face/choose-encoder.ts';

const EXPORTS = fileURLToPath(new URL('../../../../../models/exports/', import.meta.url));

it('takes the larger encoder for a voice without phones, once it is exported and fetched', async () => {
  const exportsPath = await mkdtemp(join(tmpdir(), 'parley-exports-'));
  const choose = (voiceTellsPhones: boolean, wanted: 'auto' | 'small' | 'server' = 'auto') =>
    chooseEncoder({ wanted, exportsPath, voiceTellsPhones });
  expect(await choose(false)).toBe('small');
  const manifest = JSON.parse(await readFile(join(EXPORTS, 'manifest.json'), 'utf8'));
  manifest.files.encoderServer ??= { ...manifest.files.encoderSmall, path: 'encoder-server.onnx' };
  manifest.encoders.server ??= { ...manifest.encoders.small, file: 'encoderServer' };
  await writeFile(join(exportsPath, 'manifest.json'), JSON.stringify(manifest));
  expect(await choose(false)).toBe('small');
  await copyFile(join(EXPORTS, 'manifest.json'), join(exportsPath, 'encoder-server.onnx'));
  expect(await choose(false)).toBe('server');
  expect(await choose(true)).toBe('small');
  expect(await choose(true, 'server')).toBe('server');
  expect(await choose(false, 'small')).toBe('small');
});
