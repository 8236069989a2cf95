import type { PartRole } from '../head-rig.ts';
import type { BindTemplate } from '../template/bind-template.ts';
import type { LipCut } from './cut-lips.ts';

/** Triangles of a blind mouth pocket: those whose place on the template is the inside of the mouth, well behind the lips. */
export function pocketTriangles(
  template: BindTemplate,
  cut: LipCut,
  match: { vertices: Uint32Array },
  roles: readonly PartRole[],
  line: { z: Float64Array },
): Uint8Array {
  const inMouth = new Uint8Array(template.skinVertices);
  for (const { material, first, count } of template.materials) {
    if (material !== 'mouth') continue;
    for (let i = first * 3; i < (first + count) * 3; i++) {
      const v = template.indices[i];
      if (v < template.skinVertices) inMouth[v] = 1;
    }
  }
  const behind = Math.min(...line.z) - 0.002;
  const isPocket = (v: number) =>
    roles[v] === 'skin' &&
    cut.positions[v * 3 + 2] < behind &&
    inMouth[match.vertices[v * 3]] === 1 &&
    inMouth[match.vertices[v * 3 + 1]] === 1 &&
    inMouth[match.vertices[v * 3 + 2]] === 1;
  return Uint8Array.from({ length: cut.indices.length / 3 }, (_, t) =>
    isPocket(cut.indices[t * 3]) && isPocket(cut.indices[t * 3 + 1]) && isPocket(cut.indices[t * 3 + 2])
      ? 1
      : 0,
  );
}
