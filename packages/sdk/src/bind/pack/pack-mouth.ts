import { applySimilarity, type Similarity } from '../../head/similarity.ts';
import { type AddedPart, packField } from '../head-rig.ts';
import type { BindTemplate } from '../template/bind-template.ts';
import type { MouthGeometry } from '../transfer/add-mouth.ts';
import { mapOffsets } from '../transfer/local-maps.ts';
import type { LipRoll } from '../transfer/roll-lips.ts';
import { toHeadOffsets } from './to-head-offsets.ts';

/**
 * The template's mouth as a part of the rig.
 *
 * @param fields - Those of the head's skin, in the template's frame.
 * @param turn - Its shares of the head's rotation, 0 to 255.
 */
export function packMouth(
  template: BindTemplate,
  inside: MouthGeometry,
  maps: Float64Array,
  toHead: Similarity,
  fields: readonly Float32Array[],
  turn: Uint8Array,
): AddedPart {
  const { roll, sources } = inside;
  const count = sources.length + (roll?.border.length ?? 0);
  const shares255 = template.turnShares.map((share) => share * 255);
  const grey = [0.5, 0.5, 0.5] as const;
  return {
    name: 'parley-mouth',
    positions: Float32Array.from(applySimilarity(toHead, joined(inside.positions, roll?.positions))),
    indices: inside.indices,
    colours: inside.ranges.map(({ material, first, count }) => ({
      first,
      count,
      rgb: template.colours[material] ?? grey,
    })),
    fields: template.fields.map((field, k) => {
      const mapped = mapOffsets(maps, field);
      const own = new Float64Array(count * 3);
      sources.forEach((v, i) => {
        own.set(mapped.subarray(v * 3, v * 3 + 3), i * 3);
      });
      if (roll) {
        for (let i = 0; i < roll.border.length; i++)
          for (let axis = 0; axis < 3; axis++)
            own[(sources.length + i) * 3 + axis] = mixed(roll, i, fields[k], mapped, 3, axis);
      }
      return packField(toHeadOffsets(toHead, own));
    }),
    turnShares: Uint8Array.from({ length: count }, (_, i) =>
      i < sources.length
        ? Math.round(template.turnShares[sources[i]] * 255)
        : Math.round(mixed(roll as LipRoll, i - sources.length, turn, shares255, 1, 0)),
    ),
  };
}

/** A value of a roll's vertex, between those of the border it hangs on and of the socket it leads to. */
function mixed(
  { border, socket, ratios, shares }: LipRoll,
  i: number,
  ofSkin: ArrayLike<number>,
  ofTemplate: ArrayLike<number>,
  size: number,
  at: number,
): number {
  const deep =
    ofTemplate[socket[i * 2] * size + at] * (1 - ratios[i]) +
    ofTemplate[socket[i * 2 + 1] * size + at] * ratios[i];
  return ofSkin[border[i] * size + at] * (1 - shares[i]) + deep * shares[i];
}

function joined(first: Float64Array, second: Float64Array | undefined): Float64Array {
  if (!second) return first;
  const out = new Float64Array(first.length + second.length);
  out.set(first);
  out.set(second, first.length);
  return out;
}
