import type { Material } from '@babylonjs/core/Materials/material.js';
import { MultiMaterial } from '@babylonjs/core/Materials/multiMaterial.js';
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
  if (material instanceof MultiMaterial) return material.subMaterials.every(hasHook);
  return material === null || MATERIALS_WITH_HOOK.has(material.getClassName());
}

function attachOnGpu(mesh: Mesh, basis: MeshBasis): AttachedBasis {
  const scene = mesh.getScene();
  const former = mesh.material;
  // The weights live in the material, so each mesh has its own.
  const name = `${former?.name ?? 'default'}.${mesh.name}`;
  const own = former?.clone(name) ?? new StandardMaterial(mesh.name, scene);
  const materials = own instanceof MultiMaterial ? ownSubMaterials(own, name) : [own];
  const plugins = materials.map((material) => {
    const plugin = new LinearBasisPlugin(material, basis);
    material.shadowDepthWrapper = new ShadowDepthWrapper(material, scene);
    return plugin;
  });
  mesh.material = own;
  return {
    path: 'gpu',
    setPose(weights, rotation) {
      for (let i = 0; i < plugins.length; i++) plugins[i].setPose(weights, rotation);
    },
    dispose() {
      if (!mesh.isDisposed()) mesh.material = former;
      for (const material of materials) material.dispose(false, false);
      if (own instanceof MultiMaterial) own.dispose(false, false, false);
      for (const plugin of plugins) plugin.dispose();
    },
  };
}

/** Copies of a multi-material's materials, each once, in their places. */
function ownSubMaterials(multi: MultiMaterial, name: string): Material[] {
  const copies = new Map<Material | null, Material>();
  multi.subMaterials = multi.subMaterials.map((sub, i) => {
    const known = copies.get(sub);
    if (known) return known;
    const copy = sub?.clone(`${name}.${i}`) ?? new StandardMaterial(`${name}.${i}`, multi.getScene());
    copies.set(sub, copy);
    return copy;
  });
  return [...copies.values()];
}

function attachOnCpu(mesh: Mesh, basis: MeshBasis): AttachedBasis {
  const cpu = new CpuBasis(mesh, basis);
  return {
    path: 'cpu',
    setPose: (weights, rotation) => cpu.setPose(weights, rotation),
    dispose: () => cpu.dispose(),
  };
}
