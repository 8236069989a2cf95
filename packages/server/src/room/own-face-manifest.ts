import { readFileSync } from 'node:fs';
import { type FaceManifest, readManifest } from '@parley/sdk';
import { modelsPath } from '../models-folder.ts';

let manifest: FaceManifest | undefined;

/** The manifest of the face model that comes with Parley, the one that `createEngines` runs by default. */
export function ownFaceManifest(): FaceManifest {
  manifest ??= readManifest(JSON.parse(readFileSync(modelsPath('exports/manifest.json'), 'utf8')));
  return manifest;
}
