import { sha256 } from '@parley/sdk';
import type { HeadMesh } from '@parley/sdk/bind';

/** SHA-256 in hexadecimal of a head's file, or where there is none of its parts' places and triangles. */
export async function hashOfHead(file: Uint8Array | undefined, mesh: HeadMesh): Promise<string> {
  return hex(file ?? geometryOf(mesh));
}

async function hex(bytes: Uint8Array): Promise<string> {
  // Pages that come over plain HTTP from another machine have no `subtle`.
  if (!globalThis.crypto?.subtle) return sha256(bytes);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function geometryOf({ parts }: HeadMesh): Uint8Array {
  const arrays = parts.flatMap(({ positions, indices }) => [positions, indices]);
  const bytes = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}
