import type { PartRole } from '../head-rig.ts';
import type { BindTemplate } from '../template/bind-template.ts';
import { mapOffsets } from './local-maps.ts';

/** The head's own teeth and tongue take the motion of the nearest of the template's; teeth as one piece. */
export function moveMouthParts(
  template: BindTemplate,
  maps: Float64Array,
  fields: readonly Float32Array[],
  registered: Float64Array,
  positions: Float64Array,
  roles: readonly PartRole[],
): void {
  for (const role of ['upperTeeth', 'lowerTeeth', 'tongue'] as const) {
    const group = template.groups[role];
    const own: number[] = [];
    roles.forEach((r, v) => {
      if (r === role) own.push(v);
    });
    if (!group || own.length === 0) continue;
    const nearest = own.map((v) => {
      let best = group.first;
      let least = Number.POSITIVE_INFINITY;
      for (let u = group.first; u < group.first + group.count; u++) {
        const away =
          (registered[u * 3] - positions[v * 3]) ** 2 +
          (registered[u * 3 + 1] - positions[v * 3 + 1]) ** 2 +
          (registered[u * 3 + 2] - positions[v * 3 + 2]) ** 2;
        if (away < least) {
          least = away;
          best = u;
        }
      }
      return best;
    });
    template.fields.forEach((field, k) => {
      const mapped = mapOffsets(maps, field);
      own.forEach((v, i) => {
        const p = nearest[i] * 3;
        for (let axis = 0; axis < 3; axis++) fields[k][v * 3 + axis] = mapped[p + axis];
      });
    });
  }
}
