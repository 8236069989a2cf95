import { createTemplateFace, type HeadModel } from '@parley/babylon';
import { checkExportFile, type ManifestFile, readManifest, readVertexBasis } from '@parley/sdk';

/**
 * Loads what heads need of the face model; its decoder stays on the server.
 * @param exportsUrl - Where its files are, with a closing slash.
 * @throws ParleyError `bad-export`, `bad-manifest`.
 */
export async function loadHeadModel(exportsUrl: string): Promise<HeadModel> {
  const manifest = readManifest(
    JSON.parse(new TextDecoder().decode(await fetchBytes(`${exportsUrl}manifest.json`))),
  );
  const read = async (file: ManifestFile) => checkExportFile(await fetchBytes(exportsUrl + file.path), file);
  const basis = readVertexBasis(await read(manifest.files.basis), manifest);
  const objText = new TextDecoder().decode(await read(manifest.files.template));
  return { manifest, template: createTemplateFace(objText, basis, manifest), exportsUrl };
}

/** The contents of a file of the server's. */
export async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
