import type { Accessor, mat4, Node, Primitive, Skin } from '@gltf-transform/core';
import type { MorphNode } from './gltf-head.ts';

/** The vertices of a glTF head in its default pose, in the scene's space. */
export interface GltfSurface {
  /** xyz of each vertex, metres. */
  readonly positions: Float32Array;
  /** For each control that moves them, by its index: xyz of each vertex at weight 1. */
  readonly fields: ReadonlyMap<number, Float32Array>;
}

/** Gathers the vertices of all nodes that speech moves. */
export function gltfSurface(morphNodes: readonly MorphNode[]): GltfSurface {
  const pieces = morphNodes.flatMap(({ node, map }) =>
    (node.getMesh()?.listPrimitives() ?? []).map((primitive) => ({ node, map, primitive })),
  );
  const counts = pieces.map(({ primitive }) => primitive.getAttribute('POSITION')?.getCount() ?? 0);
  const vertices = counts.reduce((sum, count) => sum + count, 0);
  const positions = new Float32Array(vertices * 3);
  const fields = new Map<number, Float32Array>();
  let first = 0;
  pieces.forEach(({ node, map, primitive }, piece) => {
    const place = vertexMatrices(node, primitive);
    const rest = primitive.getAttribute('POSITION')!;
    const carry = (accessor: Accessor, out: Float32Array, w: 0 | 1) => {
      const p: number[] = [0, 0, 0];
      for (let v = 0; v < counts[piece]!; v++) {
        accessor.getElement(v, p);
        const m = place(v);
        for (let row = 0; row < 3; row++)
          out[(first + v) * 3 + row]! +=
            m[row]! * p[0]! + m[4 + row]! * p[1]! + m[8 + row]! * p[2]! + w * m[12 + row]!;
      }
    };
    carry(rest, positions, 1);
    const targets = primitive.listTargets();
    map.controlIndices.forEach((control, i) => {
      const offsets = targets[map.targetIndices[i]!]?.getAttribute('POSITION');
      if (!offsets) return;
      let field = fields.get(control);
      if (!field) {
        field = new Float32Array(vertices * 3);
        fields.set(control, field);
      }
      carry(offsets, field, 0);
    });
    first += counts[piece]!;
  });
  return { positions, fields };
}

/** For each vertex the matrix (column by column) that carries it into the scene. */
function vertexMatrices(node: Node, primitive: Primitive): (vertex: number) => ArrayLike<number> {
  const skin = node.getSkin();
  const joints = primitive.getAttribute('JOINTS_0');
  const weights = primitive.getAttribute('WEIGHTS_0');
  if (!skin || !joints || !weights) {
    const world = node.getWorldMatrix();
    return () => world;
  }
  const palette = jointMatrices(skin);
  const blended = new Float64Array(16);
  const j: number[] = [0, 0, 0, 0];
  const w: number[] = [0, 0, 0, 0];
  return (vertex) => {
    joints.getElement(vertex, j);
    weights.getElement(vertex, w);
    blended.fill(0);
    for (let k = 0; k < 4; k++) {
      if (w[k] === 0) continue;
      const joint = palette[j[k]!]!;
      for (let i = 0; i < 16; i++) blended[i]! += w[k]! * joint[i]!;
    }
    return blended;
  };
}

function jointMatrices(skin: Skin): Float64Array[] {
  const inverse = skin.getInverseBindMatrices();
  return skin.listJoints().map((joint, i) => {
    const world = joint.getWorldMatrix();
    if (!inverse) return Float64Array.from(world);
    return product(world, inverse.getElement(i, new Array(16).fill(0)) as unknown as mat4);
  });
}

function product(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const out = new Float64Array(16);
  for (let column = 0; column < 4; column++)
    for (let row = 0; row < 4; row++)
      for (let k = 0; k < 4; k++) out[column * 4 + row]! += a[k * 4 + row]! * b[column * 4 + k]!;
  return out;
}
