import { applySimilarity, type Similarity } from '../../head/similarity.ts';
import { type AddedPart, packField } from '../head-rig.ts';
import type { BindTemplate } from '../template/bind-template.ts';
import type { MouthGeometry } from '../transfer/add-mouth.ts';
import { mapOffsets } from '../transfer/local-maps.ts';
import { toHeadOffsets } from './to-head-offsets.ts';

/** The template's mouth as a part of the rig. */
export function packMouth(
  template: BindTemplate,
  inside: MouthGeometry,
  maps: Float64Array,
  toHead: Similarity,
): AddedPart {
  const grey = [0.5, 0.5, 0.5] as const;
  return {
    name: 'parley-mouth',
    positions: Float32Array.from(applySimilarity(toHead, inside.positions)),
    indices: inside.indices,
    colours: inside.ranges.map(({ material, first, count }) => ({
      first,
      count,
      rgb: template.colours[material] ?? grey,
    })),
    fields: template.fields.map((field) => {
      const mapped = mapOffsets(maps, field);
      const own = new Float64Array(inside.sources.length * 3);
      inside.sources.forEach((v, i) => {
        own.set(mapped.subarray(v * 3, v * 3 + 3), i * 3);
      });
      return packField(toHeadOffsets(toHead, own));
    }),
    turnShares: Uint8Array.from(inside.sources, (v) => Math.round(template.turnShares[v] * 255)),
  };
}
