import { halfFloatBits } from './half-float.ts';
import type { MeshBasis } from './mesh-basis.ts';

/** Texels per row of a basis texture, a power of two; the shaders divide by it with a shift. */
export const BASIS_TEXTURE_WIDTH = 2048;

/**
 * Position and normal deltas are stored times this, away from the half-precision subnormals: a metre-sized head's deltas
 * are a few millimetres.
 */
export const POSITION_SCALE = 256;

/** A {@link MeshBasis} in the layout that the vertex shader reads. */
export interface PackedBasis {
  /** RGBA32UI texels: halves px|py, pz|nx, ny|nz, turn weight|0; field-major, so neighbours read neighbours. */
  readonly texels: Uint32Array<ArrayBuffer>;
  readonly height: number;
  /** For each control its slot in the texture, or -1 when it moves nothing. */
  readonly slots: Int32Array;
  /** First texel of the turn weights, which have one texel per vertex, or -1. */
  readonly turnSlot: number;
}

/** Packs the non-empty fields of a basis. */
export function packBasis(basis: MeshBasis): PackedBasis {
  const { vertices, fields, turn } = basis;
  const slots = new Int32Array(fields.length).fill(-1);
  let used = 0;
  fields.forEach((field, k) => {
    if (field.vertices.length > 0) slots[k] = used++;
  });
  const turnSlot = turn ? used++ : -1;
  const height = Math.max(1, Math.ceil((used * vertices) / BASIS_TEXTURE_WIDTH));
  const texels = new Uint32Array(BASIS_TEXTURE_WIDTH * height * 4);
  fields.forEach(({ vertices: moved, positions, normals }, k) => {
    for (let i = 0; i < moved.length; i++) {
      const texel = (slots[k] * vertices + moved[i]) * 4;
      const p = i * 3;
      texels[texel] = pair(positions[p] * POSITION_SCALE, positions[p + 1] * POSITION_SCALE);
      texels[texel + 1] = pair(positions[p + 2] * POSITION_SCALE, normals[p]);
      texels[texel + 2] = pair(normals[p + 1], normals[p + 2]);
    }
  });
  if (turn) {
    for (let v = 0; v < vertices; v++) {
      texels[(turnSlot * vertices + v) * 4 + 3] = pair(turn.weights[v], 0);
    }
  }
  return { texels, height, slots, turnSlot };
}

function pair(low: number, high: number): number {
  return (halfFloatBits(low) | (halfFloatBits(high) << 16)) >>> 0;
}
