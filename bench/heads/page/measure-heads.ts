import { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import { Engine } from '@babylonjs/core/Engines/engine.js';
import { HemisphericLight } from '@babylonjs/core/Lights/hemisphericLight.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData.js';
import { MorphTarget } from '@babylonjs/core/Morph/morphTarget.js';
import { MorphTargetManager } from '@babylonjs/core/Morph/morphTargetManager.js';
import { Scene } from '@babylonjs/core/scene.js';
import { attachBasis, linearizeFields, type MeshBasis } from '@parley/babylon';
import { readManifest, readObj, readVertexBasis, vertexNormals } from '@parley/sdk';

/** `none`: the heads stand still, which is what drawing them costs anyway. */
export type Way = 'none' | 'parley' | 'parley, levels' | 'morph targets' | 'cpu';

/** Means over the frames of a run, ms, and bytes. */
export interface Cost {
  readonly vertices: number;
  /** JavaScript that hands the controls to the heads. */
  readonly facesMs: number;
  /** JavaScript of Babylon's `scene.render`. */
  readonly renderMs: number;
  /** From the start of a frame until its pixels are there. */
  readonly frameMs: number;
  /** Of textures and buffers for the faces' motion, all heads together, and for each further shape of head. */
  readonly gpuBytes: number;
  readonly bytesAShape: number;
}

declare global {
  interface Window {
    measureHeads(way: Way, heads: number, frames: number): Promise<Cost>;
  }
}

/** Vertices of a head. */
const VERTICES = 10_000;
const WARM_UP_FRAMES = 2;

const bytes = async (name: string) => new Uint8Array(await (await fetch(`/parley/${name}`)).arrayBuffer());
const manifest = readManifest(await (await fetch('/parley/manifest.json')).json());
const basis = readVertexBasis(await bytes(manifest.files.basis.path), manifest);
const template = readObj(new TextDecoder().decode(await bytes(manifest.files.template.path)), 'template');
const head = refined();

/** The template with a vertex in the middle of as many triangles as it takes. */
function refined() {
  const positions = [...template.positions];
  const indices: number[] = [];
  const deltas = Array.from({ length: basis.shapes }, (_, k) =>
    Array.from(
      basis.offsets.subarray(k * basis.vertices * 3, (k + 1) * basis.vertices * 3),
      (unit) => unit * basis.scale[k],
    ),
  );
  for (let t = 0; t < template.indices.length; t += 3) {
    const [a, b, c] = template.indices.subarray(t, t + 3);
    const middle = positions.length / 3;
    if (middle >= VERTICES) {
      indices.push(a, b, c);
      continue;
    }
    for (const list of [positions, ...deltas])
      for (let axis = 0; axis < 3; axis++)
        list.push((list[a * 3 + axis] + list[b * 3 + axis] + list[c * 3 + axis]) / 3);
    indices.push(a, b, middle, b, c, middle, c, a, middle);
  }
  const surface = { positions: Float32Array.from(positions), indices: Uint32Array.from(indices) };
  const normals = vertexNormals(surface.positions, surface.indices, new Float32Array(positions.length));
  const fields = linearizeFields(
    surface.positions,
    surface.indices,
    deltas.map((delta) => Float32Array.from(delta)),
  );
  return { ...surface, normals, fields };
}

interface Crowd {
  /** Shows weights on one head. */
  readonly show: (headIndex: number, weights: Float32Array) => void;
  readonly gpuBytes: number;
  readonly bytesAShape: number;
}

function attach(way: Way, meshes: readonly Mesh[]): Crowd {
  const { fields, positions } = head;
  if (way === 'none') return { show: () => {}, gpuBytes: 0, bytesAShape: 0 };
  if (way === 'morph targets') {
    const managers = meshes.map((mesh) => {
      const manager = new MorphTargetManager(mesh.getScene());
      for (const field of fields) manager.addTarget(morphTarget(mesh, field));
      mesh.morphTargetManager = manager;
      manager.numMaxInfluencers = fields.length;
      return manager;
    });
    // A texture array of 32-bit RGBA with two texels a vertex: position and normal.
    const bytesAShape = (positions.length / 3) * 2 * 16 * fields.length;
    return {
      show: (index, weights) => {
        for (let k = 0; k < weights.length; k++) managers[index].getTarget(k).influence = weights[k];
      },
      gpuBytes: bytesAShape * meshes.length,
      bytesAShape,
    };
  }
  const shared: MeshBasis = { vertices: positions.length / 3, fields, turn: null };
  const textures = meshes[0].getScene().textures.length;
  const attached = meshes.map((mesh) => attachBasis(mesh, shared, { path: way === 'cpu' ? 'cpu' : 'auto' }));
  const still = [0, 0, 0, 1];
  const texture = meshes[0].getScene().textures[textures];
  const { width, height } = texture?.getSize() ?? { width: 0, height: 0 };
  const bytesAShape = way === 'cpu' ? 0 : width * height * 16;
  const ownBuffers = positions.byteLength + head.normals.byteLength;
  return {
    show: (index, weights) => attached[index].setPose(weights, still),
    gpuBytes: way === 'cpu' ? meshes.length * ownBuffers : bytesAShape,
    bytesAShape,
  };
}

function morphTarget(mesh: Mesh, field: (typeof head.fields)[number]): MorphTarget {
  const target = new MorphTarget('', 0, mesh.getScene());
  const positions = head.positions.slice();
  const normals = head.normals.slice();
  for (let i = 0; i < field.vertices.length; i++)
    for (let axis = 0; axis < 3; axis++) {
      positions[field.vertices[i] * 3 + axis] += field.positions[i * 3 + axis];
      normals[field.vertices[i] * 3 + axis] += field.normals[i * 3 + axis];
    }
  target.setPositions(positions);
  target.setNormals(normals);
  return target;
}

window.measureHeads = async (way, heads, frames) => {
  const canvas = document.getElementById('canvas') as HTMLCanvasElement;
  const engine = new Engine(canvas, false);
  const scene = new Scene(engine);
  const columns = Math.ceil(Math.sqrt(heads * 1.78));
  const camera = new FreeCamera('camera', new Vector3(0, 0, 0.42 * columns), scene);
  camera.setTarget(Vector3.Zero());
  camera.minZ = 0.05;
  new HemisphericLight('sky', Vector3.Up(), scene);
  const first = new Mesh('head', scene);
  const data = new VertexData();
  data.positions = head.positions;
  data.normals = head.normals;
  data.indices = head.indices;
  data.applyToMesh(first);
  first.material = new StandardMaterial('skin', scene);
  const meshes = Array.from({ length: heads }, (_, i) => {
    const mesh = i === 0 ? first : first.clone(`head ${i}`);
    mesh.position.set(((i % columns) - (columns - 1) / 2) * 0.32, (Math.floor(i / columns) - 2) * 0.34, 0);
    return mesh;
  });
  const crowd = attach(way, meshes);
  await scene.whenReadyAsync();
  const gl = canvas.getContext('webgl2') as WebGL2RenderingContext;
  const weights = meshes.map(() => new Float32Array(basis.shapes));
  const pixel = new Uint8Array(4);
  const sums = { facesMs: 0, renderMs: 0, frameMs: 0 };
  for (let n = -WARM_UP_FRAMES; n < frames; n++) {
    // As in speech: half of the controls are in motion, the others rest.
    weights.forEach((own, i) => {
      for (let k = 0; k < own.length; k += 2) own[k] = 0.2 + 0.2 * Math.sin(0.3 * n + i + k);
    });
    const startMs = performance.now();
    for (let i = 0; i < heads; i++)
      if (way !== 'parley, levels' || (n + i) % 4 === 0) crowd.show(i, weights[i]);
    const shownMs = performance.now();
    scene.render();
    const renderedMs = performance.now();
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    if (n < 0) continue;
    sums.facesMs += (shownMs - startMs) / frames;
    sums.renderMs += (renderedMs - shownMs) / frames;
    sums.frameMs += (performance.now() - startMs) / frames;
  }
  const { gpuBytes, bytesAShape } = crowd;
  engine.dispose();
  return { vertices: head.positions.length / 3, ...sums, gpuBytes, bytesAShape };
};
