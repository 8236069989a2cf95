import type { HeadMesh } from '../head-mesh.ts';
import { type HeadRig, packField, type RigPart } from '../head-rig.ts';
import type { OwnShape } from './find-own-controls.ts';

/** Fields over all vertices of a head's file, part after part; xyz each, in the head's frame. */
export class HeadFields {
  readonly mesh: HeadMesh;
  /** First vertex of each part, and their number. */
  readonly first: readonly number[];
  readonly size: number;

  constructor(mesh: HeadMesh) {
    this.mesh = mesh;
    const first = [0];
    for (const { positions } of mesh.parts) first.push(first[first.length - 1] + positions.length / 3);
    this.first = first;
    this.size = first[first.length - 1] * 3;
  }

  /** The sum of shapes. */
  ofShapes(shapes: readonly OwnShape[]): Float32Array {
    const out = new Float32Array(this.size);
    for (const { morphs } of shapes)
      for (const { part, morph, weight } of morphs) {
        const { offsets } = this.mesh.parts[part].morphs[morph];
        const at = this.first[part] * 3;
        for (let i = 0; i < offsets.length; i++) out[at + i] += weight * offsets[i];
      }
    return out;
  }

  /** What a rig has for a control, without the vertices that a cut added. */
  ofRig(rig: HeadRig, control: number): Float32Array {
    const out = new Float32Array(this.size);
    rig.parts.forEach(({ fields }, p) => {
      const { vertices, offsets, scale } = fields[control];
      const count = this.first[p + 1] - this.first[p];
      const at = this.first[p] * 3;
      for (let i = 0; i < vertices.length && vertices[i] < count; i++)
        for (let axis = 0; axis < 3; axis++) out[at + 3 * vertices[i] + axis] = scale * offsets[3 * i + axis];
    });
    return out;
  }

  /** Only on the parts that shapes move: what a head's teeth do is no measure of shapes that its skin alone has. */
  onPartsOf(shapes: readonly OwnShape[], field: Float32Array): Float32Array {
    const moved = new Set(shapes.flatMap(({ morphs }) => morphs.map(({ part }) => part)));
    const out = new Float32Array(this.size);
    for (const part of moved) {
      const [from, to] = [this.first[part] * 3, this.first[part + 1] * 3];
      out.set(field.subarray(from, to), from);
    }
    return out;
  }

  /** Calls with each vertex: its part, its number there, and where its numbers begin in a field. */
  forEachVertex(visit: (part: number, vertex: number, at: number) => void): void {
    this.mesh.parts.forEach(({ positions }, p) => {
      for (let v = 0; v < positions.length / 3; v++) visit(p, v, 3 * (this.first[p] + v));
    });
  }

  /** The field of a part, with the vertices that a cut added, packed. */
  pack(field: Float32Array, part: number, { splits, vertices }: Pick<RigPart, 'splits' | 'vertices'>) {
    const count = this.first[part + 1] - this.first[part];
    const own = new Float32Array(vertices * 3);
    own.set(field.subarray(this.first[part] * 3, this.first[part + 1] * 3));
    for (let i = 0; splits && i < splits.ratios.length; i++)
      for (let axis = 0; axis < 3; axis++) {
        const a = own[3 * splits.ends[2 * i] + axis];
        const b = own[3 * splits.ends[2 * i + 1] + axis];
        own[3 * (count + i) + axis] = a + splits.ratios[i] * (b - a);
      }
    return packField(own);
  }
}

/** Sum of products. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
