import {
  type FittedFields,
  fitSimilarity,
  fitTemplate,
  hasTemplateTopology,
  type ObjSurface,
  ParleyError,
  type Similarity,
} from '@parley/sdk';
import type { FaceModelFiles } from './face-model-files.ts';
import type { LinearKeypoints } from './linear-keypoints.ts';

/** An .obj head in metres, +y up and +z out of the face, with the template's fields on it. */
export interface FittedObj extends FittedFields {
  readonly surface: ObjSurface;
}

/**
 * Fits the template to a head of its topology, as clients do when they load it. A head that was modelled lying, facing
 * elsewhere or in centimetres is first turned by right angles and scaled by a power of ten.
 *
 * @param name Name of the file, for the message.
 * @throws ParleyError `unknown-topology`.
 */
export function fitObj(obj: ObjSurface, name: string, { template }: FaceModelFiles): FittedObj {
  if (!hasTemplateTopology(obj, template))
    throw new ParleyError(
      'unknown-topology',
      `${name} has neither ARKit morph targets nor the template's vertices: shape a copy of template.obj and keep the order of its vertices, or export the head as glTF with the 52 ARKit shapes`,
    );
  const similarity = fitSimilarity(
    template.surface.positions.subarray(0, template.basis.vertices * 3),
    obj.positions,
    { scale: 'spreads' },
  );
  const surface = { positions: upright(obj.positions, similarity), indices: obj.indices };
  return { surface, ...fitTemplate(template, surface) };
}

function upright(positions: Float32Array, { rotation, scale }: Similarity): Float32Array {
  const unit = 10 ** Math.round(Math.log10(scale));
  // Which axis of the head is the template's x, y, z, and which way it points.
  const axes = [0, 1, 2].map((column) => {
    const parts = [0, 1, 2].map((row) => rotation[row * 3 + column]!);
    const axis = parts.reduce((best, part, i) => (Math.abs(part) > Math.abs(parts[best]!) ? i : best), 0);
    return { axis, factor: Math.sign(parts[axis]!) / unit };
  });
  const out = new Float32Array(positions.length);
  for (let i = 0; i < out.length; i += 3)
    for (let row = 0; row < 3; row++) out[i + row] = positions[i + axes[row]!.axis]! * axes[row]!.factor;
  return out;
}

/** The 68 points of a fitted head: its own vertices, moved by the fitted basis. */
export function templateKeypoints(fit: FittedObj, { template, info }: FaceModelFiles): LinearKeypoints {
  const { vertices } = info.landmarks;
  const pick = (values: Float32Array) =>
    Float32Array.from(
      { length: vertices.length * 3 },
      (_, i) => values[vertices[Math.floor(i / 3)]! * 3 + (i % 3)]!,
    );
  return {
    rest: pick(fit.surface.positions),
    fields: fit.deltas.map((delta, shape) => ({
      control: template.basis.controlIndices[shape]!,
      offsets: pick(delta),
    })),
  };
}
