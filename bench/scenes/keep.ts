import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../node_modules/.cache/listening/', import.meta.url));

/**
 * Makes samples once and keeps them between runs: synthetic voices differ from run to run, and what a detector makes of the same sound
 * does not. Delete `bench/node_modules/.cache` to begin anew.
 * @param key All that the samples depend on.
 */
export async function keep(
  key: readonly (string | number | Float32Array | null)[],
  make: () => Promise<Float32Array>,
): Promise<Float32Array> {
  const hash = createHash('sha256');
  for (const part of key)
    hash.update(
      part instanceof Float32Array
        ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
        : `${part};`,
    );
  const path = `${FOLDER}${hash.digest('hex').slice(0, 24)}.f32`;
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
  } catch {
    const samples = await make();
    await mkdir(FOLDER, { recursive: true });
    await writeFile(
      `${path}.${process.pid}`,
      new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
    );
    await rename(`${path}.${process.pid}`, path);
    return samples;
  }
}
