import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ParleyError } from '@parley/sdk';
import { type HeadMesh, readHead } from '@parley/sdk/bind';

/** A head as it lies on the disk, read. */
export interface HeadOnDisk {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** SHA-256 of the file in hexadecimal; rigs are made for one such. */
  readonly sha256: string;
  readonly mesh: HeadMesh;
}

/**
 * Reads a head of any format that is read, with the files that a .gltf names.
 * @throws ParleyError `head-not-found`, or with a `MeshErrorCode`; the message begins with the file's name.
 */
export async function readHeadFromDisk(path: string): Promise<HeadOnDisk> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new ParleyError('head-not-found', `The head ${path} cannot be read: ${reason}`, error);
  }
  const fileName = basename(path);
  try {
    const mesh = await readHead(bytes, { fileName, resources: await resourcesOf(bytes, dirname(path)) });
    return { path, bytes, sha256: createHash('sha256').update(bytes).digest('hex'), mesh };
  } catch (error) {
    if (!(error instanceof ParleyError) || error.message.includes(fileName)) throw error;
    throw new ParleyError(error.code, `${fileName}: ${error.message}`, error);
  }
}

/** The buffers in files of their own that a .gltf names; what is not there is missed by the reader. */
async function resourcesOf(bytes: Uint8Array, folder: string): Promise<Record<string, Uint8Array>> {
  const resources: Record<string, Uint8Array> = {};
  if (!/^\s*\{/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 64)))) return resources;
  let buffers: unknown;
  try {
    buffers = JSON.parse(new TextDecoder().decode(bytes)).buffers;
  } catch {
    return resources;
  }
  for (const { uri } of Array.isArray(buffers) ? buffers : []) {
    if (typeof uri !== 'string' || /^[a-z]+:/i.test(uri)) continue;
    const data = await readFile(join(folder, decodeURIComponent(uri))).catch(() => null);
    if (data) resources[uri] = new Uint8Array(data);
  }
  return resources;
}
