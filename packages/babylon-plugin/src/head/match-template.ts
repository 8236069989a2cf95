import { VertexBuffer } from '@babylonjs/core/Buffers/buffer.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import {
  type FittedTurn,
  fitTemplate,
  linearizeFields,
  type SparseField,
  type TemplateFace,
  templateTurn,
} from '@parley/sdk';
import { type AttachBasisOptions, attachBasis } from '../basis/attach-basis.ts';
import { gatherMeshBasis } from '../basis/mesh-basis.ts';
import type { FaceRig } from './face-rig.ts';
import type { HeadModel } from './load-head.ts';
import { createTemplateRig } from './template-rig.ts';

/** Vertices further than this from every template vertex are not the template's, in metres. */
const SAME_PLACE = 2e-5;
/** Part of a head's vertices that must be the template's. */
const ENOUGH = 0.5;

interface Unfitted {
  readonly fields: readonly SparseField[];
  readonly turn: FittedTurn;
  readonly vertexAt: Map<string, number>;
}

const unfittedOf = new WeakMap<TemplateFace, Unfitted>();

/**
 * Rigs meshes that a loader made of the template itself, in the template's size and place (their own transforms are
 * free): each vertex is found again by its position. A head of another identity is loaded with `loadHead` instead, which
 * reads the order of its vertices from the file.
 *
 * @returns null when the meshes are something else.
 */
export function createMatchedRig(
  meshes: readonly Mesh[],
  root: TransformNode,
  { manifest, template }: HeadModel,
  options: AttachBasisOptions,
): { rig: FaceRig; faceNode: TransformNode; dispose(): void } | null {
  const unfitted = unfittedTemplate(template);
  const loaded = meshes.map((mesh) => matchMesh(mesh, unfitted));
  const vertices = loaded.reduce((sum, { sources }) => sum + sources.length, 0);
  const found = loaded.reduce((sum, match) => sum + match.found, 0);
  if (vertices === 0 || found < vertices * ENOUGH) return null;
  const { mirrorX } = loaded.reduce((best, match) => (match.found > best.found ? match : best));
  const { pivot, weights } = unfitted.turn;
  const parts = meshes.map((mesh, i) => {
    const { sources } = loaded[i];
    const turn = {
      pivot: [mirrorX ? -pivot[0] : pivot[0], pivot[1], pivot[2]] as const,
      weights: Float32Array.from(sources, (source) => weights[source] ?? 0),
    };
    return attachBasis(mesh, gatherMeshBasis(unfitted.fields, sources, mirrorX, turn), options);
  });
  for (const mesh of meshes) mesh.alwaysSelectAsActiveMesh = true;
  const rotation = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  const rig = createTemplateRig(parts, template.basis, { rotation, mirrorX }, manifest);
  const faceNode = new TransformNode(`${root.name}.face`, root.getScene());
  faceNode.parent = meshes[0];
  faceNode.position.set(0, 0.02, 0.09);
  return {
    rig,
    faceNode,
    dispose() {
      rig.dispose();
      faceNode.dispose();
    },
  };
}

function unfittedTemplate(template: TemplateFace): Unfitted {
  let unfitted = unfittedOf.get(template);
  if (!unfitted) {
    const { surface } = template;
    const { deltas, similarity } = fitTemplate(template, surface);
    const vertexAt = new Map<string, number>();
    for (let v = 0; v < surface.positions.length / 3; v++) vertexAt.set(place(surface.positions, v, 1), v);
    unfitted = {
      fields: linearizeFields(surface.positions, surface.indices, deltas),
      turn: templateTurn(surface.positions, similarity),
      vertexAt,
    };
    unfittedOf.set(template, unfitted);
  }
  return unfitted;
}

function matchMesh(
  mesh: Mesh,
  { vertexAt }: Unfitted,
): { sources: Uint32Array; found: number; mirrorX: boolean } {
  const positions = mesh.getVerticesData(VertexBuffer.PositionKind) ?? [];
  const plain = matchPositions(positions, vertexAt, 1);
  const mirrored = matchPositions(positions, vertexAt, -1);
  // A symmetric head fits both ways; a left-handed scene's loader mirrors.
  const mirrorX = mesh.getScene().useRightHandedSystem
    ? mirrored.found > plain.found
    : mirrored.found >= plain.found;
  return { ...(mirrorX ? mirrored : plain), mirrorX };
}

/** Stands for a vertex that is not the template's. */
const NOT_FOUND = 0xffffffff;

function matchPositions(
  positions: ArrayLike<number>,
  vertexAt: Map<string, number>,
  signX: number,
): { sources: Uint32Array; found: number } {
  const sources = new Uint32Array(positions.length / 3).fill(NOT_FOUND);
  let found = 0;
  for (let v = 0; v < sources.length; v++) {
    const vertex = vertexAt.get(place(positions, v, signX));
    if (vertex === undefined) continue;
    sources[v] = vertex;
    found++;
  }
  return { sources, found };
}

function place(positions: ArrayLike<number>, v: number, signX: number): string {
  const x = Math.round((positions[v * 3] * signX) / SAME_PLACE);
  // Adding 0 makes -0 and 0 the same text.
  return `${x + 0},${Math.round(positions[v * 3 + 1] / SAME_PLACE) + 0},${Math.round(positions[v * 3 + 2] / SAME_PLACE) + 0}`;
}
