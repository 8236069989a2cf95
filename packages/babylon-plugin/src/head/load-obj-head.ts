import { VertexBuffer } from '@babylonjs/core/Buffers/buffer.js';
import { Vector2 } from '@babylonjs/core/Maths/math.vector.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';
import {
  type FaceManifest,
  type FittedTurn,
  fitTemplate,
  hasTemplateTopology,
  linearizeFields,
  type ObjSurface,
  ParleyError,
  readObj,
  type Similarity,
  type SparseField,
  type TemplateFace,
  templateTurn,
  vertexNormals,
} from '@parley/sdk';
import { type AttachBasisOptions, type AttachedBasis, attachBasis } from '../basis/attach-basis.ts';
import { gatherMeshBasis, type MeshBasis } from '../basis/mesh-basis.ts';
import type { Head } from './head.ts';
import { createTemplateRig } from './template-rig.ts';

/** What an .obj file's fitting gives; equal files share it, and with it their GPU textures. */
interface ObjFit {
  readonly surface: ObjSurface;
  readonly normals: Float32Array;
  /** True when the file brings normals of its own. */
  readonly hasNormals: boolean;
  readonly fields: readonly SparseField[];
  readonly similarity: Similarity;
  readonly turn: FittedTurn;
  /** By mesh number within the file and handedness. */
  readonly bases: Map<string, MeshBasis>;
}

/** The loader's defaults but for the texture coordinates, which it would drop at seams. */
export const LOADER_OPTIONS = {
  optimizeWithUV: true,
  invertY: false,
  invertTextureY: true,
  importVertexColors: true,
  computeNormals: false,
  optimizeNormals: false,
  skipMaterials: false,
  materialLoadingFailsSilently: true,
  useLegacyBehavior: false,
} as const;

const fitsOf = new WeakMap<TemplateFace, Map<string, ObjFit>>();

/**
 * Loads an .obj head of the template's topology: all of its meshes follow the template's fields.
 *
 * @param objText - Contents of the file.
 * @param name - Its name, for messages.
 * @param rootUrl - Where the material files lie, with a closing slash.
 * @throws ParleyError `empty-head`, `truncated-head`, `not-a-mesh` or `unknown-topology`.
 */
export async function loadObjHead(
  scene: Scene,
  objText: string,
  name: string,
  rootUrl: string,
  template: TemplateFace,
  manifest: FaceManifest,
  options: AttachBasisOptions = {},
): Promise<Head> {
  const fit = fitOf(template, objText, name);
  const { OBJFileLoader } = await import('@babylonjs/loaders/OBJ/objFileLoader.pure.js');
  const loader = new OBJFileLoader({ ...LOADER_OPTIONS, UVScaling: new Vector2(1, 1) });
  const container = await loader.loadAssetContainerAsync(scene, numbered(objText), rootUrl);
  container.addAllToScene();
  const root = new TransformNode(name, scene);
  const parts: AttachedBasis[] = [];
  const meshes = container.meshes.filter((mesh) => mesh.getTotalVertices() > 0);
  let mirrorX = false;
  meshes.forEach((mesh, number) => {
    const loaded = readNumbers(mesh);
    mirrorX = loaded.mirrorX;
    placeVertices(mesh, loaded, fit);
    parts.push(attachBasis(mesh as Mesh, meshBasis(loaded, number, fit), options));
  });
  for (const mesh of container.meshes) {
    if (!mesh.parent) mesh.parent = root;
    // The shader moves vertices out of the box that was measured at rest.
    mesh.alwaysSelectAsActiveMesh = true;
  }
  const faceNode = new TransformNode(`${name}.face`, scene);
  faceNode.parent = root;
  placeFaceNode(faceNode, fit, mirrorX);
  const space = { rotation: fit.similarity.rotation, mirrorX };
  const rig = createTemplateRig(parts, template.basis, space, manifest);
  return {
    root,
    faceNode,
    meshes,
    animationGroups: [],
    kind: 'template',
    rig,
    dispose() {
      rig.dispose();
      faceNode.dispose();
      container.dispose();
      root.dispose();
    },
  };
}

function fitOf(template: TemplateFace, objText: string, name: string): ObjFit {
  let fits = fitsOf.get(template);
  if (!fits) {
    fits = new Map();
    fitsOf.set(template, fits);
  }
  let fit = fits.get(objText);
  if (!fit) {
    fit = fitObj(template, objText, name);
    fits.set(objText, fit);
  }
  return fit;
}

function fitObj(template: TemplateFace, objText: string, name: string): ObjFit {
  const surface = readObj(objText, name);
  if (!hasTemplateTopology(surface, template)) {
    throw new ParleyError(
      'unknown-topology',
      `${name} has neither ARKit morph targets nor the template's vertices: shape a copy of template.obj and keep the order of its vertices, or export the head as glTF with the 52 ARKit shapes`,
    );
  }
  const { deltas, similarity } = fitTemplate(template, surface);
  const normals = new Float32Array(surface.positions.length);
  vertexNormals(surface.positions, surface.indices, normals);
  return {
    surface,
    normals,
    hasNormals: /^vn[ \t]/m.test(objText),
    similarity,
    fields: linearizeFields(surface.positions, surface.indices, deltas),
    turn: templateTurn(surface.positions, similarity),
    bases: new Map(),
  };
}

/**
 * The file with each vertex's number (from 1) in place of its position. The loader splits, drops and reorders vertices,
 * and two vertices may share one place (closed lips), so the number is the one sure way back to the file's vertex.
 */
function numbered(objText: string): string {
  let vertex = 0;
  return objText.replace(/^v[ \t]+\S+[ \t]+\S+[ \t]+\S+/gm, () => `v ${++vertex} 0 0`);
}

/** What the numbers in the loaded positions say. */
interface LoadedVertices {
  /** For each mesh vertex the file's vertex that it copies. */
  readonly sources: Uint32Array;
  /** True when the loader mirrored x to enter a left-handed scene. */
  readonly mirrorX: boolean;
}

function readNumbers(mesh: AbstractMesh): LoadedVertices {
  const numbers = mesh.getVerticesData(VertexBuffer.PositionKind)!;
  const sources = new Uint32Array(numbers.length / 3);
  for (let v = 0; v < sources.length; v++) sources[v] = Math.abs(numbers[v * 3]) - 1;
  return { sources, mirrorX: numbers[0] < 0 };
}

function placeVertices(mesh: AbstractMesh, { sources, mirrorX }: LoadedVertices, fit: ObjFit): void {
  const positions = gathered(fit.surface.positions, sources, mirrorX);
  mesh.setVerticesData(VertexBuffer.PositionKind, positions);
  // Without `vn` lines the loader took the normals from the numbers.
  if (!fit.hasNormals) mesh.setVerticesData(VertexBuffer.NormalKind, gathered(fit.normals, sources, mirrorX));
}

function gathered(vectors: Float32Array, sources: Uint32Array, mirrorX: boolean): Float32Array {
  const out = new Float32Array(sources.length * 3);
  for (let v = 0; v < sources.length; v++) {
    const from = sources[v] * 3;
    out[v * 3] = mirrorX ? -vectors[from] : vectors[from];
    out[v * 3 + 1] = vectors[from + 1];
    out[v * 3 + 2] = vectors[from + 2];
  }
  return out;
}

function meshBasis({ sources, mirrorX }: LoadedVertices, number: number, fit: ObjFit): MeshBasis {
  const key = `${number} ${mirrorX}`;
  let basis = fit.bases.get(key);
  if (!basis) {
    const weights = Float32Array.from(sources, (source) => fit.turn.weights[source]);
    const [x, y, z] = fit.turn.pivot;
    const pivot = [mirrorX ? -x : x, y, z] as const;
    const turns = weights.some((weight) => weight > 0);
    basis = gatherMeshBasis(fit.fields, sources, mirrorX, turns ? { pivot, weights } : null);
    fit.bases.set(key, basis);
  }
  return basis;
}

/** Middle between the eyes of the template, metres: where voice and gaze start. */
const FACE = [0, 0.02, 0.09] as const;

function placeFaceNode(node: TransformNode, fit: ObjFit, mirrorX: boolean): void {
  const { rotation: r, scale, shift } = fit.similarity;
  const at = (row: number) =>
    scale * (r[row * 3] * FACE[0] + r[row * 3 + 1] * FACE[1] + r[row * 3 + 2] * FACE[2]) + shift[row];
  node.position.set(mirrorX ? -at(0) : at(0), at(1), at(2));
}
