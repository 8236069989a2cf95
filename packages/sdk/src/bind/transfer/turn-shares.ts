import { ClosestPointTree } from '../geometry/closest-point-tree.ts';
import { type BindTemplate, skinTriangles } from '../template/bind-template.ts';

/** How much of the head's rotation each vertex takes, 0 to 255: that of the nearest place on the template. */
export function turnSharesOf(
  template: BindTemplate,
  registered: Float64Array,
  positions: Float64Array,
): Uint8Array {
  const skin = skinTriangles(template);
  const tree = new ClosestPointTree(registered, skin);
  const out = new Uint8Array(positions.length / 3);
  for (let v = 0; v < out.length; v++) {
    const hit = tree.query(positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2], 0.6);
    if (hit.triangle < 0) continue;
    const share =
      template.turnShares[skin[hit.triangle * 3]] * (1 - hit.second - hit.third) +
      template.turnShares[skin[hit.triangle * 3 + 1]] * hit.second +
      template.turnShares[skin[hit.triangle * 3 + 2]] * hit.third;
    out[v] = Math.round(share * 255);
  }
  return out;
}
