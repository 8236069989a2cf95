import type { HeadMesh } from '@parley/sdk/bind';
import type { RigTarget } from './prepare-rig.ts';

/**
 * A mark of all that a prepared rig depends on besides the rig: the head's geometry as it was read, and the meshes of the scene
 * that show it. Fast rather than safe from forgers: whoever can write to the cache needs no collision.
 */
export function markOfMeshes({ parts }: HeadMesh, targets: readonly RigTarget[]): string {
  const sum = new Sum();
  for (const { positions, indices, normals, localToHead } of parts) {
    sum.add(positions);
    sum.add(indices);
    sum.add(normals);
    sum.add(localToHead);
  }
  for (const { vertices, pieces } of targets) {
    sum.add(Uint32Array.of(vertices, pieces.length, ...pieces.map(({ part }) => part)));
    for (const piece of pieces) sum.add(piece.vertices);
  }
  return sum.text;
}

/** FNV-1a over words instead of bytes, twice with different starts. */
class Sum {
  #first = 0x811c9dc5;
  #second = 0x3c6ef372;

  add(array: Uint32Array | Float32Array | Float64Array | null | undefined): void {
    this.#word(array ? array.byteLength : -1);
    if (!array) return;
    const words = new Uint32Array(array.buffer, array.byteOffset, array.byteLength / 4);
    for (let i = 0; i < words.length; i++) this.#word(words[i]);
  }

  get text(): string {
    return [this.#first, this.#second].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #word(value: number): void {
    this.#first = Math.imul(this.#first ^ value, 0x01000193);
    this.#second = Math.imul(this.#second ^ value, 0x85ebca6b) ^ (this.#second >>> 15);
  }
}
