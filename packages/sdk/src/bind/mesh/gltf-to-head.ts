import type { Document, Node, Primitive, Skin } from '@gltf-transform/core';
import type { HeadMesh, HeadMorph, HeadPart, HeadSkin } from '../head-mesh.ts';
import { determinant3, transformNormals, transformTriples } from './affine.ts';
import { hasTriangles, readFloats, readTriangles } from './gltf-accessors.ts';
import { bindMatrix, listJoints, readSkin } from './gltf-skin.ts';
import { meshError } from './mesh-error.ts';

/**
 * Every triangle primitive of every node of a document's scene as a part of a head.
 *
 * @throws ParleyError with a `MeshErrorCode`.
 */
export function gltfToHead(document: Document): HeadMesh {
  const root = document.getRoot();
  const scene = root.getDefaultScene() ?? root.listScenes()[0];
  const nodes: Node[] = [];
  if (scene) scene.traverse((node) => nodes.push(node));
  else nodes.push(...root.listNodes());
  const meshes = root.listMeshes();
  const warnings: string[] = [];
  const parts: HeadPart[] = [];
  const skins = new Set<Skin>();
  let unread = 0;
  for (const node of nodes) {
    const mesh = node.getMesh();
    if (!mesh) continue;
    const skin = node.getSkin();
    if (skin) skins.add(skin);
    mesh.listPrimitives().forEach((primitive, index) => {
      if (!hasTriangles(primitive)) {
        unread++;
        return;
      }
      const part = toPart(node, primitive, skin, {
        mesh: meshes.indexOf(mesh),
        primitive: index,
        name: mesh.getName() || node.getName(),
        targetNames: targetNames(mesh.getExtras()),
      });
      if (part) parts.push(part);
    });
  }
  if (unread > 0) warnings.push(`${unread} primitives of lines or points were left out`);
  if (parts.length === 0)
    throw meshError('empty-mesh', 'the glTF scene holds no triangles; export the head as a mesh');
  return { format: 'gltf', parts, joints: listJoints(skins), warnings };
}

function targetNames(extras: Record<string, unknown>): readonly string[] {
  const names = extras?.targetNames;
  return Array.isArray(names) ? names.map(String) : [];
}

function toPart(
  node: Node,
  primitive: Primitive,
  skin: Skin | null,
  source: { mesh: number; primitive: number; name: string; targetNames: readonly string[] },
): HeadPart | undefined {
  const place = primitive.getAttribute('POSITION');
  if (!place || place.getCount() === 0) return undefined;
  const count = place.getCount();
  const where = `mesh "${source.name}"`;
  const local = readFloats(place, 3, count);
  for (let i = 0; i < local.length; i++)
    if (!Number.isFinite(local[i]) || Math.abs(local[i]) > 1e30)
      throw meshError(
        'non-finite-mesh',
        `vertex ${Math.floor(i / 3)} of ${where} is at ${local[i]}; clean the mesh and export it again`,
      );
  const jointsOf = primitive.getAttribute('JOINTS_0');
  const weightsOf = primitive.getAttribute('WEIGHTS_0');
  const skinned: HeadSkin | undefined =
    skin && jointsOf && weightsOf ? readSkin(skin, jointsOf, weightsOf, count) : undefined;
  const localToHead = skin && skinned ? bindMatrix(skin, skinned) : node.getWorldMatrix();
  const positions = transformTriples(local, localToHead, 1);
  for (let i = 0; i < positions.length; i++)
    if (!Number.isFinite(positions[i]))
      throw meshError(
        'non-finite-mesh',
        `a transform of ${where} puts vertex ${Math.floor(i / 3)} nowhere; apply all transforms and export it again`,
      );

  const indices = readTriangles(primitive, count, where);
  if (indices.length === 0) return undefined;
  if (determinant3(localToHead) < 0)
    for (let i = 0; i < indices.length; i += 3)
      [indices[i + 1], indices[i + 2]] = [indices[i + 2], indices[i + 1]];

  const normal = primitive.getAttribute('NORMAL');
  const uv = primitive.getAttribute('TEXCOORD_0');
  const colour = primitive.getAttribute('COLOR_0');
  const material = primitive.getMaterial();
  const flat = material?.getBaseColorFactor();
  const morphs: HeadMorph[] = primitive.listTargets().map((target, index) => {
    const offsets = target.getAttribute('POSITION');
    return {
      name: source.targetNames[index] ?? target.getName(),
      offsets:
        offsets && offsets.getCount() === count
          ? transformTriples(readFloats(offsets, 3, count), localToHead, 0)
          : new Float32Array(count * 3),
    };
  });
  return {
    name: source.name,
    node: node.getName(),
    positions,
    indices,
    normals:
      normal && normal.getCount() === count
        ? transformNormals(readFloats(normal, 3, count), localToHead)
        : undefined,
    uvs: uv && uv.getCount() === count ? readFloats(uv, 2, count) : undefined,
    colours: colour && colour.getCount() === count ? readFloats(colour, 3, count) : undefined,
    material: material?.getName() ?? '',
    baseColour: flat ? [flat[0], flat[1], flat[2]] : undefined,
    opaque: !material || material.getAlphaMode() === 'OPAQUE',
    sourceVertices: Uint32Array.from({ length: count }, (_, i) => i),
    source: { mesh: source.mesh, primitive: source.primitive },
    localToHead: Float64Array.from(localToHead),
    morphs,
    skin: skinned,
  };
}
