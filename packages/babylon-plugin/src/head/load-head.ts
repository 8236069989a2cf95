import type { Scene } from '@babylonjs/core/scene.js';
import { type FaceManifest, ParleyError, type TemplateFace } from '@parley/sdk';
import type { WasmUrls } from '@parley/sdk/decoder-web';
import type { AttachBasisOptions } from '../basis/attach-basis.ts';
import type { BindOptions } from '../bind/bind-source.ts';
import { binds } from '../bind/binds.ts';
import type { Head } from './head.ts';
import { loadGltfHead } from './load-gltf-head.ts';
import { loadObjHead } from './load-obj-head.ts';

/** The parts of the face model that a head needs. */
export interface HeadModel {
  readonly manifest: FaceManifest;
  readonly template: TemplateFace;
  /** Where the files are that it was loaded from, and those that binding heads needs. Default `/parley/`. */
  readonly exportsUrl?: string;
  /** Where onnxruntime-web's files are served. Default: where the bundler puts them. */
  readonly wasmUrls?: WasmUrls;
}

/** Options of {@link loadHead}. */
export interface LoadHeadOptions extends AttachBasisOptions, BindOptions {
  /**
   * What is done about heads that bring neither ARKit shapes nor the template's topology. `auto` binds them, which takes seconds
   * the first time; `never` refuses them. Default `auto`.
   */
  readonly bind?: 'auto' | 'never';
}

/**
 * Loads a head from a URL: .obj, .glb or .gltf. ARKit morph targets are used as they are, and so is the template's topology; any
 * other human-like head is bound to the controls in a worker (see `bindHead`) and comes upright and in metres.
 *
 * @throws ParleyError `head-not-found`, `empty-head`, `truncated-head`, `not-a-mesh` or `unreadable-head`; UnsureFaceError when
 * somebody has to say where the face is; with `bind: 'never'` also `no-face-controls` or `unknown-topology`. Each message says what
 * to do.
 */
export async function loadHead(
  scene: Scene,
  url: string,
  model: HeadModel,
  options: LoadHeadOptions = {},
  signal: AbortSignal | undefined = options.signal,
): Promise<Head> {
  const bytes = await fetchBytes(url, signal);
  const name = url.replace(/[?#].*$/, '').replace(/^.*\//, '');
  const rootUrl = url.replace(/[?#].*$/, '').slice(0, -name.length);
  return readHead(scene, bytes, name, rootUrl, model, { ...options, signal });
}

/** As {@link loadHead}, from the contents of the file. */
export async function readHead(
  scene: Scene,
  bytes: Uint8Array,
  name: string,
  rootUrl: string,
  model: HeadModel,
  options: LoadHeadOptions = {},
): Promise<Head> {
  if (bytes.length === 0) throw new ParleyError('empty-head', `${name} is empty: export the head again`);
  if (isGlb(bytes)) {
    checkGlbLength(bytes, name);
    return loadGltfHead(scene, bytes, '.glb', name, rootUrl, model, options);
  }
  const text = decodeText(bytes, name);
  if (text.trimStart().startsWith('{')) {
    checkJson(text, name);
    return loadGltfHead(scene, bytes, '.gltf', name, rootUrl, model, options);
  }
  try {
    return await loadObjHead(scene, text, name, rootUrl, model.template, model.manifest, options);
  } catch (error) {
    // What the template's own reader does not read, the one for strangers' heads may.
    if (!(error instanceof ParleyError) || !binds(options)) throw error;
  }
  const { loadStrangerObj } = await import('../bind/load-stranger.ts');
  return loadStrangerObj(scene, bytes, name, rootUrl, model, options);
}

async function fetchBytes(url: string, signal?: AbortSignal): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ParleyError(
      'head-not-found',
      `${url} cannot be fetched: check the address and the network`,
      error,
    );
  }
  if (!response.ok) {
    throw new ParleyError('head-not-found', `${url} answers ${response.status}: check the head's address`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

function isGlb(bytes: Uint8Array): boolean {
  return bytes[0] === 0x67 && bytes[1] === 0x6c && bytes[2] === 0x54 && bytes[3] === 0x46;
}

/** The binary header of glTF 2.0 tells the length of the whole file in its third word. */
function checkGlbLength(bytes: Uint8Array, name: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 20 || view.getUint32(8, true) > bytes.length) throw truncated(name);
}

function decodeText(bytes: Uint8Array, name: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\u0000')) return text;
  } catch {
    // Falls through: bytes that are no text are no .obj and no .gltf.
  }
  throw new ParleyError('not-a-mesh', `${name} is no head: give an .obj, .glb or .gltf file`);
}

function checkJson(text: string, name: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new ParleyError('truncated-head', truncated(name).message, error);
  }
}

function truncated(name: string): ParleyError {
  return new ParleyError('truncated-head', `${name} ends too early or is damaged: copy or export it again`);
}
