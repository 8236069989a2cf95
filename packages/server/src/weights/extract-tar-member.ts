import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ParleyError } from '@parley/sdk';

const BLOCK_BYTES = 512;

/**
 * Streams one member of a gzipped tar file, as npm packs them (POSIX.1-1988 ustar).
 * @throws ParleyError `source-refused` where there is no such member; the signal's reason.
 */
export async function* extractTarMember(
  path: string,
  member: string,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  const reading = pipeline(createReadStream(path), gunzip, { signal });
  // Who has found the member reads no further.
  reading.catch(() => {});
  try {
    let held = Buffer.alloc(0);
    /** Content of the running member that is still to come, its padding, and whether it is wanted. */
    let left = 0;
    let padding = 0;
    let wanted = false;
    for await (const chunk of gunzip) {
      signal.throwIfAborted();
      held = Buffer.concat([held, chunk as Buffer]);
      for (;;) {
        if (left > 0) {
          const taken = held.subarray(0, left);
          held = held.subarray(taken.length);
          left -= taken.length;
          if (wanted && taken.length > 0) yield taken;
          if (left > 0) break;
          if (wanted) return;
        }
        if (padding > 0) {
          const skipped = Math.min(padding, held.length);
          held = held.subarray(skipped);
          padding -= skipped;
          if (padding > 0) break;
        }
        if (held.length < BLOCK_BYTES) break;
        const header = held.subarray(0, BLOCK_BYTES);
        held = held.subarray(BLOCK_BYTES);
        const size = Number.parseInt(text(header, 124, 12), 8) || 0;
        const folder = text(header, 345, 155);
        wanted = `${folder ? `${folder}/` : ''}${text(header, 0, 100)}` === member;
        left = size;
        padding = (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
      }
    }
    await reading;
    throw new ParleyError('source-refused', `${path} has no ${member}`);
  } finally {
    gunzip.destroy();
  }
}

function text(header: Buffer, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end).trim();
}
