import type { Material } from '@babylonjs/core/Materials/material.js';
import { ShadowDepthWrapper } from '@babylonjs/core/Materials/shadowDepthWrapper.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { CpuBasis } from './cpu-basis.ts';
import { LinearBasisPlugin } from './linear-basis-plugin.ts';
import type { MeshBasis } from './mesh-basis.ts';

/** A mesh that follows the shape controls. */
export interface AttachedBasis {
  /** Where the vertices are moved. */
  readonly path: 'gpu' | 'cpu';
  /** Moves the mesh; see {@link LinearBasisPlugin.setPose}. */
  setPose(weights: ArrayLike<number>, rotation: ArrayLike<number>): void;
  /** Gives the mesh its former material and shape back. */
  dispose(): void;
}

/** Options of {@link attachBasis}. */
export interface AttachBasisOptions {
  /** `auto` takes the GPU where the material and the engine allow it. Default `auto`. */
  path?: 'auto' | 'cpu';
}

const MATERIALS_WITH_HOOK = new Set([
  'StandardMaterial',
  'PBRMaterial',
  'PBRMetallicRoughnessMaterial',
  'PBRSpecularGlossinessMaterial',
  'OpenPBRMaterial',
]);

/** Attaches a basis to a mesh: in the vertex shader where possible, else on the CPU. */
export function attachBasis(mesh: Mesh, basis: MeshBasis, options: AttachBasisOptions = {}): AttachedBasis {
  const gpu = options.path !== 'cpu' && hasIntegerTextures(mesh) && hasHook(mesh.material);
  return gpu ? attachOnGpu(mesh, basis) : attachOnCpu(mesh, basis);
}

function hasIntegerTextures(mesh: Mesh): boolean {
  const engine = mesh.getEngine();
  return engine.isWebGPU || engine.version >= 2;
}

function hasHook(material: Material | null): boolean {
  return material === null || MATERIALS_WITH_HOOK.has(material.getClassName());
}

function attachOnGpu(mesh: Mesh, basis: MeshBasis): AttachedBasis {
  const scene = mesh.getScene();
  const former = mesh.material;
  // The weights live in the material, so each mesh has its own.
  const own = former?.clone(`${former.name}.${mesh.name}`) ?? new StandardMaterial(mesh.name, scene);
  const plugin = new LinearBasisPlugin(own, basis);
  own.shadowDepthWrapper = new ShadowDepthWrapper(own, scene);
  mesh.material = own;
  return {
    path: 'gpu',
    setPose: (weights, rotation) => plugin.setPose(weights, rotation),
    dispose() {
      if (!mesh.isDisposed()) mesh.material = former;
      own.dispose(false, false);
      plugin.dispose();
    },
  };
}

function attachOnCpu(mesh: Mesh, basis: MeshBasis): AttachedBasis {
  const cpu = new CpuBasis(mesh, basis);
  return {
    path: 'cpu',
    setPose: (weights, rotation) => cpu.setPose(weights, rotation),
    dispose: () => cpu.dispose(),
  };
}
