import { readFileSync } from 'node:fs';
import { createTemplateFace, readManifest, readVertexBasis } from '@parley/sdk';
import type { HeadModel } from '../../src/head/load-head.ts';

const exportsFolder = new URL('../../../../models/exports/', import.meta.url);

/** A file of models/exports. */
export function exported(path: string): Uint8Array {
  return readFileSync(new URL(path, exportsFolder));
}

/** The exported model as far as heads need it. */
export function exportedModel(): HeadModel {
  const manifest = readManifest(JSON.parse(new TextDecoder().decode(exported('manifest.json'))));
  const basis = readVertexBasis(exported(manifest.files.basis.path), manifest);
  const objText = new TextDecoder().decode(exported(manifest.files.template.path));
  return { manifest, template: createTemplateFace(objText, basis, manifest) };
}

/** A file that the example serves as a head. */
export function exampleHead(name: string): Uint8Array {
  return readFileSync(new URL(`../../../../examples/metaverse-room/public/heads/${name}`, import.meta.url));
}
