import { VertexBuffer } from '@babylonjs/core/Buffers/buffer.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import type { MorphTarget } from '@babylonjs/core/Morph/morphTarget.js';
import type { SplitVertices } from '@parley/sdk/bind';
import type { PreparedTarget } from './prepare-rig.ts';

/** Attributes that count through the bones and cannot be mixed: those of the nearer end are taken. */
const OF_BONES = new Set<string>([
  VertexBuffer.MatricesIndicesKind,
  VertexBuffer.MatricesWeightsKind,
  VertexBuffer.MatricesIndicesExtraKind,
  VertexBuffer.MatricesWeightsExtraKind,
]);

/**
 * Gives a mesh the vertices and triangles of its rig: a cut along the lips goes through all of its attributes and morph targets.
 * The mesh gets a geometry of its own; others that shared it stay whole.
 *
 * @returns what puts the former geometry back.
 */
export function extendGeometry(mesh: Mesh, { splits, indices, normals }: PreparedTarget): () => void {
  const changes = indices.some((piece) => piece !== null);
  if (!splits && !changes && !normals) return () => {};
  const former = mesh.geometry;
  const formerSubMeshes = mesh.subMeshes.map((subMesh) => ({
    material: subMesh.materialIndex,
    start: subMesh.indexStart,
    count: subMesh.indexCount,
    first: subMesh.verticesStart,
    vertices: subMesh.verticesCount,
  }));
  const own = former?.copy(`${former.id}.parley`);
  if (!own || !former) return () => {};
  const old = mesh.getIndices()?.slice() ?? [];
  own.applyToMesh(mesh);
  if (splits) {
    for (const kind of mesh.getVerticesDataKinds()) {
      const buffer = mesh.getVertexBuffer(kind);
      const data = mesh.getVerticesData(kind, false, true);
      if (!buffer || !data) continue;
      const size = buffer.getSize();
      mesh.setVerticesData(kind, extended(data, size, splits, OF_BONES.has(kind)), false, size);
    }
  }
  if (normals) mesh.setVerticesData(VertexBuffer.NormalKind, normals, false);
  const restoreMorphs = splits ? extendMorphs(mesh, splits) : () => {};
  if (changes) {
    const ranges = formerSubMeshes.map(({ start, count }, i) => {
      const list = indices.length === formerSubMeshes.length ? indices[i] : indices[0];
      return list ?? old.slice(start, start + count);
    });
    const all = new Uint32Array(ranges.reduce((sum, range) => sum + range.length, 0));
    let at = 0;
    const starts = ranges.map((range) => {
      all.set(range, at);
      at += range.length;
      return at - range.length;
    });
    mesh.isUnIndexed = false;
    mesh.setIndices(all, mesh.getTotalVertices());
    mesh.releaseSubMeshes();
    formerSubMeshes.forEach(({ material }, i) => {
      new SubMesh(material, 0, mesh.getTotalVertices(), starts[i], ranges[i].length, mesh);
    });
  }
  return () => {
    if (mesh.isDisposed()) return;
    former.applyToMesh(mesh);
    restoreMorphs();
    mesh.releaseSubMeshes();
    for (const { material, first, vertices, start, count } of formerSubMeshes)
      new SubMesh(material, first, vertices, start, count, mesh);
    own.dispose();
  };
}

function extended(
  data: ArrayLike<number>,
  size: number,
  { ends, ratios }: SplitVertices,
  takesNearer: boolean,
): Float32Array {
  const out = new Float32Array(data.length + ratios.length * size);
  out.set(data);
  for (let i = 0; i < ratios.length; i++) {
    const a = ends[i * 2] * size;
    const b = ends[i * 2 + 1] * size;
    const t = takesNearer ? Math.round(ratios[i]) : ratios[i];
    for (let k = 0; k < size; k++)
      out[data.length + i * size + k] = data[a + k] + t * (data[b + k] - data[a + k]);
  }
  return out;
}

type MorphData = 'Positions' | 'Normals' | 'Tangents' | 'UVs';
const MORPH_DATA: readonly (readonly [MorphData, number])[] = [
  ['Positions', 3],
  ['Normals', 3],
  ['Tangents', 3],
  ['UVs', 2],
];

function extendMorphs(mesh: Mesh, splits: SplitVertices): () => void {
  const manager = mesh.morphTargetManager;
  if (!manager) return () => {};
  const restores: (() => void)[] = [];
  // Lengths differ until all of them are done.
  manager.areUpdatesFrozen = true;
  for (let i = 0; i < manager.numTargets; i++) {
    const target = manager.getTarget(i);
    for (const [what, size] of MORPH_DATA) {
      const data = morphData(target, what);
      if (!data) continue;
      setMorphData(target, what, extended(data, size, splits, false));
      restores.push(() => setMorphData(target, what, data));
    }
  }
  manager.areUpdatesFrozen = false;
  manager.synchronize();
  return () => {
    manager.areUpdatesFrozen = true;
    for (const restore of restores) restore();
    manager.areUpdatesFrozen = false;
    manager.synchronize();
  };
}

function morphData(target: MorphTarget, what: MorphData): ArrayLike<number> | null {
  return target[`get${what}`]();
}

function setMorphData(target: MorphTarget, what: MorphData, data: ArrayLike<number>): void {
  target[`set${what}`](data as Float32Array);
}
