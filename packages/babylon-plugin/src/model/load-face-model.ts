import {
  checkExportFile,
  createTemplateFace,
  type FaceDecoder,
  type FaceManifest,
  type IdleLoop,
  loadIdleLoop,
  type ManifestFile,
  ParleyError,
  readManifest,
  readVertexBasis,
} from '@parley/sdk';
import { createWebFaceDecoder, type WasmUrls } from '@parley/sdk/decoder-web';
import type { HeadModel } from '../head/load-head.ts';
import { DEFAULT_EXPORTS_URL } from './exports-url.ts';

/** A trained face model, loaded: what all NPCs of a page share. */
export interface FaceModel extends HeadModel {
  readonly manifest: FaceManifest;
  readonly decoder: FaceDecoder;
  readonly idle: IdleLoop;
}

/** Options of {@link loadFaceModel}. */
export interface LoadFaceModelOptions {
  /** Where `models/exports` is served, with a closing slash. Default `/parley/`. */
  readonly exportsUrl?: string;
  /** Where onnxruntime-web's files are served. Default: where the bundler puts them. */
  readonly wasmUrls?: WasmUrls;
  /** Told how much of the model has come, 0 to 1. */
  readonly onProgress?: (part: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Loads the manifest and every file that a page needs, each checked by its hash.
 *
 * @throws ParleyError `bad-manifest`, `bad-export` or `decoder-failed`.
 */
export async function loadFaceModel(options: LoadFaceModelOptions = {}): Promise<FaceModel> {
  const { signal, wasmUrls, onProgress } = options;
  const base = new URL(options.exportsUrl ?? DEFAULT_EXPORTS_URL, document.baseURI);
  const manifest = readManifest(await fetchJson(new URL('manifest.json', base), signal));
  const { template, basis, idle, decoder } = manifest.files;
  const sizeBytes = template.sizeBytes + basis.sizeBytes + idle.sizeBytes + decoder.sizeBytes;
  let loadedBytes = 0;
  const arrived = (file: ManifestFile): void => {
    loadedBytes += file.sizeBytes;
    onProgress?.(loadedBytes / sizeBytes);
  };
  const read = async (file: ManifestFile): Promise<Uint8Array> => {
    const bytes = checkExportFile(await fetchBytes(new URL(file.path, base), signal), file);
    arrived(file);
    return bytes;
  };
  const loading = createWebFaceDecoder({
    manifest,
    modelUrl: new URL(decoder.path, base),
    wasmUrls,
    signal,
  });
  try {
    const [templateBytes, basisBytes, idleBytes] = await Promise.all([
      read(template),
      read(basis),
      read(idle),
    ]);
    const face = createTemplateFace(
      new TextDecoder().decode(templateBytes),
      readVertexBasis(basisBytes, manifest),
      manifest,
    );
    const webDecoder = await loading;
    arrived(decoder);
    return {
      manifest,
      template: face,
      exportsUrl: base.href,
      wasmUrls,
      decoder: webDecoder,
      idle: await loadIdleLoop(idleBytes, manifest, webDecoder),
    };
  } catch (error) {
    loading.then(
      (started) => started.close(),
      () => {},
    );
    throw error;
  }
}

async function fetchJson(url: URL, signal?: AbortSignal): Promise<unknown> {
  const bytes = await fetchBytes(url, signal);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new ParleyError(
      'bad-manifest',
      `${url} is no JSON: check that models/exports is served there`,
      error,
    );
  }
}

async function fetchBytes(url: URL, signal?: AbortSignal): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new ParleyError('bad-export', `${url} cannot be loaded: check the network, then reload`, error);
  }
  if (!response.ok) {
    throw new ParleyError(
      'bad-export',
      `${url} answers ${response.status}: check that models/exports is served there`,
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}
