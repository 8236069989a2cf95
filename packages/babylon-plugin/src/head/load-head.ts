import type { Scene } from '@babylonjs/core/scene.js';
import { type FaceManifest, ParleyError, type TemplateFace } from '@parley/sdk';
import type { AttachBasisOptions } from '../basis/attach-basis.ts';
import type { Head } from './head.ts';
import { loadGltfHead } from './load-gltf-head.ts';
import { loadObjHead } from './load-obj-head.ts';

/** The parts of the face model that a head needs. */
export interface HeadModel {
  readonly manifest: FaceManifest;
  readonly template: TemplateFace;
}

/**
 * Loads a head from a URL: a glTF file with the ARKit morph targets, or an .obj file of the template's topology.
 *
 * @throws ParleyError `head-not-found`, `empty-head`, `truncated-head`, `not-a-mesh`, `unreadable-head`,
 * `no-face-controls` or `unknown-topology`; each message says what to do.
 */
export async function loadHead(
  scene: Scene,
  url: string,
  model: HeadModel,
  options: AttachBasisOptions = {},
  signal?: AbortSignal,
): Promise<Head> {
  const bytes = await fetchBytes(url, signal);
  const name = url.replace(/[?#].*$/, '').replace(/^.*\//, '');
  const rootUrl = url.replace(/[?#].*$/, '').slice(0, -name.length);
  return readHead(scene, bytes, name, rootUrl, model, options);
}

/** As {@link loadHead}, from the contents of the file. */
export async function readHead(
  scene: Scene,
  bytes: Uint8Array,
  name: string,
  rootUrl: string,
  model: HeadModel,
  options: AttachBasisOptions = {},
): Promise<Head> {
  if (bytes.length === 0) throw new ParleyError('empty-head', `${name} is empty: export the head again`);
  if (isGlb(bytes)) {
    checkGlbLength(bytes, name);
    return loadGltfHead(scene, bytes, '.glb', name, rootUrl, model.manifest);
  }
  const text = decodeText(bytes, name);
  if (text.trimStart().startsWith('{')) {
    checkJson(text, name);
    return loadGltfHead(scene, bytes, '.gltf', name, rootUrl, model.manifest);
  }
  return loadObjHead(scene, text, name, rootUrl, model.template, model.manifest, options);
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
