import { createTemplateFace, readManifest, readVertexBasis } from '@parley/sdk';
import type { HeadModel } from '../../../src/index.ts';

async function fetchBytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(`/parley/${path}`)).arrayBuffer());
}

/** The exported model without its decoder. */
export async function loadHeadModel(): Promise<HeadModel> {
  const manifest = readManifest(await (await fetch('/parley/manifest.json')).json());
  const basis = readVertexBasis(await fetchBytes(manifest.files.basis.path), manifest);
  const objText = new TextDecoder().decode(await fetchBytes(manifest.files.template.path));
  return { manifest, template: createTemplateFace(objText, basis, manifest) };
}

/** A frame of controls with some set. */
export function frame(model: HeadModel, values: Record<string, number>): Float32Array {
  return Float32Array.from(model.manifest.controls, ({ name }) => values[name] ?? 0);
}
