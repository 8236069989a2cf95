import { readFile } from 'node:fs/promises';
import { ParleyError } from '@parley/sdk';
import { whyUnreadable } from '../why-unreadable.ts';

/** A head as it lies on the disk. */
export type HeadFile =
  | { readonly kind: 'obj'; readonly path: string; readonly text: string }
  | { readonly kind: 'gltf'; readonly path: string };

/**
 * Finds out what a head is; the name's ending does not matter.
 * @throws ParleyError `head-not-found`, `empty-head` or `not-a-mesh`.
 */
export async function readHeadFile(path: string): Promise<HeadFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new ParleyError(
      'head-not-found',
      `The head ${path} cannot be read: ${whyUnreadable(error)}`,
      error,
    );
  }
  if (bytes.length === 0) throw new ParleyError('empty-head', `${path} is empty: export the head again`);
  if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'glTF') return { kind: 'gltf', path };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ParleyError('not-a-mesh', `${path} is no head: give an .obj, .glb or .gltf file`, error);
  }
  return text.trimStart().startsWith('{') ? { kind: 'gltf', path } : { kind: 'obj', path, text };
}
