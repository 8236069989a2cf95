import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkExportFile, type FaceManifest, readManifest } from '../src/index.ts';

/** The folder of the committed face model. */
export const exportsUrl = new URL('../../../models/exports/', import.meta.url);

/** The committed manifest. */
export function realManifest(): FaceManifest {
  return readManifest(JSON.parse(readFileSync(new URL('manifest.json', exportsUrl), 'utf8')));
}

/** A committed file of the export, checked against the manifest. */
export function realFile(manifest: FaceManifest, name: keyof FaceManifest['files']): Uint8Array {
  const file = manifest.files[name]!;
  return checkExportFile(readFileSync(new URL(file.path, exportsUrl)), file);
}

/** Path of a committed file. */
export function realPath(manifest: FaceManifest, name: keyof FaceManifest['files']): string {
  return fileURLToPath(new URL(manifest.files[name]!.path, exportsUrl));
}

/** What PyTorch made of the decoder's fixture. */
export interface DecoderFixture {
  readonly codes: { readonly shape: readonly number[]; readonly data: readonly number[] };
  readonly controls: { readonly shape: readonly number[]; readonly data: readonly number[] };
}

/** `fixtures/decoder.json`. */
export function decoderFixture(): DecoderFixture {
  return JSON.parse(readFileSync(new URL('fixtures/decoder.json', exportsUrl), 'utf8'));
}
