import { ParleyError } from '../errors.ts';
import type { FaceManifest } from '../model/face-manifest.ts';
import type { VertexBasis } from '../rig/vertex-basis.ts';
import { type ObjSurface, readObj } from './read-obj.ts';

/** The template head and how each shape control moves it. Plain .obj heads of its topology borrow these fields. */
export interface TemplateFace {
  readonly surface: ObjSurface;
  readonly basis: VertexBasis;
  /** Both ends of each edge of the template, as pairs of vertex indices, each edge once. */
  readonly edges: Uint32Array;
}

/**
 * Joins the files `template` and `basis` of the face model.
 *
 * @param objText - Contents of `template.obj`.
 * @throws ParleyError `bad-export` when the two do not fit each other.
 */
export function createTemplateFace(
  objText: string,
  basis: VertexBasis,
  manifest: FaceManifest,
): TemplateFace {
  const surface = readObj(objText, manifest.files.template.path);
  if (surface.positions.length !== basis.vertices * 3) {
    throw new ParleyError(
      'bad-export',
      `the template has ${surface.positions.length / 3} vertices and its basis ${basis.vertices}; export both again`,
    );
  }
  return { surface, basis, edges: uniqueEdges(surface.indices) };
}

/** Both ends of each edge of a triangle mesh, each edge once, lower index first. */
export function uniqueEdges(indices: Uint32Array): Uint32Array {
  const keys = new Set<number>();
  for (let t = 0; t < indices.length; t += 3) {
    for (let corner = 0; corner < 3; corner++) {
      keys.add(edgeKey(indices[t + corner], indices[t + ((corner + 1) % 3)]));
    }
  }
  const edges = new Uint32Array(keys.size * 2);
  let i = 0;
  for (const key of keys) {
    edges[i++] = Math.floor(key / EDGE_STRIDE);
    edges[i++] = key % EDGE_STRIDE;
  }
  return edges;
}

const EDGE_STRIDE = 2 ** 26;

/** One number for an edge, whichever way round. */
export function edgeKey(a: number, b: number): number {
  return a < b ? a * EDGE_STRIDE + b : b * EDGE_STRIDE + a;
}

/** Of the template's edges between vertices that a head uses, this part must be the head's: an artist may close a hole. */
const SAME_EDGES = 0.98;
/** A head uses at least this part of the template's edges; lashes or teeth may be left out. */
const USED_EDGES = 0.6;

/** True when the first vertices of `surface` are connected as the template's, as far as its faces use them. */
export function hasTemplateTopology(surface: ObjSurface, template: TemplateFace): boolean {
  const vertices = surface.positions.length / 3;
  if (vertices < template.basis.vertices) return false;
  const edges = new Set<number>();
  const used = new Uint8Array(vertices);
  for (let t = 0; t < surface.indices.length; t += 3) {
    for (let corner = 0; corner < 3; corner++) {
      used[surface.indices[t + corner]] = 1;
      edges.add(edgeKey(surface.indices[t + corner], surface.indices[t + ((corner + 1) % 3)]));
    }
  }
  let usable = 0;
  let found = 0;
  for (let i = 0; i < template.edges.length; i += 2) {
    const a = template.edges[i];
    const b = template.edges[i + 1];
    if (!used[a] || !used[b]) continue;
    usable++;
    if (edges.has(edgeKey(a, b))) found++;
  }
  return usable >= (template.edges.length / 2) * USED_EDGES && found >= usable * SAME_EDGES;
}
