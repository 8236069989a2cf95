import { ParleyError } from '../errors.ts';
import type { FaceManifest } from '../model/face-manifest.ts';

/** The vertex-offset fields of the shape controls on the template head. */
export interface VertexBasis {
  /** V, vertices of the template, in the order of its `v` lines. */
  readonly vertices: number;
  /** K, shape controls. */
  readonly shapes: number;
  /** For each shape, metres per unit of `offsets`. */
  readonly scale: Float32Array;
  /** K x V x 3 offsets (x, y, z) at weight 1. */
  readonly offsets: Int16Array;
  /** For each shape, its index among the decoder's controls. */
  readonly controlIndices: Uint16Array;
  /** For each shape, its control's name. */
  readonly names: readonly string[];
}

/**
 * Reads `basis.bin`: int16 little-endian [K, V, 3].
 * @param bytes The whole file, at any byte offset; it is copied.
 * @param manifest Gives V, the scales and the shape controls.
 * @throws ParleyError `bad-export` if the length does not fit the manifest.
 */
export function readVertexBasis(bytes: Uint8Array, manifest: FaceManifest): VertexBasis {
  const { vertices, scale } = manifest.basis;
  const controlIndices: number[] = [];
  manifest.controls.forEach((control, index) => {
    if (control.kind === 'shape') controlIndices.push(index);
  });
  const shapes = controlIndices.length;
  const expectedBytes = shapes * vertices * 3 * 2;
  if (bytes.length !== expectedBytes)
    throw new ParleyError(
      'bad-export',
      `basis.bin has ${bytes.length} bytes, but ${shapes} shapes of ${vertices} vertices take ${expectedBytes}; export the model again`,
    );
  const offsets = new Int16Array(shapes * vertices * 3);
  // Every platform with a JavaScript engine today is little-endian, like the file.
  new Uint8Array(offsets.buffer).set(bytes);
  return {
    vertices,
    shapes,
    scale: Float32Array.from(scale),
    offsets,
    controlIndices: Uint16Array.from(controlIndices),
    names: controlIndices.map((index) => manifest.controls[index].name),
  };
}

/**
 * Moves the template's vertices on the CPU: `out = neutral + sum of weight x offset`. It is the reference that the GPU
 * path is tested against, and the fallback where there is none. Allocates nothing.
 * @param basis The offsets.
 * @param controls Weights in the decoder's order; rotations among them are left out.
 * @param neutral V x 3 resting positions in metres.
 * @param out V x 3, receives the positions; may not be `neutral`.
 */
export function applyBasis(
  basis: VertexBasis,
  controls: Float32Array,
  neutral: Float32Array,
  out: Float32Array,
): Float32Array {
  const size = basis.vertices * 3;
  if (neutral.length !== size || out.length !== size)
    throw new RangeError(
      `neutral and out must hold ${size} numbers, not ${neutral.length} and ${out.length}`,
    );
  out.set(neutral);
  for (let shape = 0; shape < basis.shapes; shape++) {
    const weight = controls[basis.controlIndices[shape]] * basis.scale[shape];
    if (weight === 0) continue;
    const start = shape * size;
    for (let i = 0; i < size; i++) out[i] += weight * basis.offsets[start + i];
  }
  return out;
}
