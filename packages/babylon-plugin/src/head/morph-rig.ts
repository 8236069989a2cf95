import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { MorphTarget } from '@babylonjs/core/Morph/morphTarget.js';
import { type FaceManifest, mapControls } from '@parley/sdk';
import type { FaceRig } from './face-rig.ts';

/** One control driving one morph target. */
interface Drive {
  readonly control: number;
  readonly target: MorphTarget;
  /** Influence before the rig came. */
  readonly rest: number;
}

/** A rig over morph targets. */
export interface MorphRig extends FaceRig {
  /** How many controls have targets. */
  readonly found: number;
}

/** Controls without which a head is no ARKit head. */
const NEEDED = ['jawOpen'];
/** A head may leave these out without being called incomplete: few artists make a shape for the raised tongue tip. */
const OPTIONAL = new Set(['tongueUp']);

/**
 * A rig over the ARKit morph targets that the meshes of a head bring; the artist's shapes are used as they are.
 *
 * @param needed - Controls without which there is no rig. Default: those that speech needs.
 * @returns null when no mesh has the targets that are needed.
 */
export function createMorphRig(
  meshes: readonly AbstractMesh[],
  manifest: FaceManifest,
  needed: readonly string[] = NEEDED,
): MorphRig | null {
  const names = manifest.controls.map((control) =>
    control.kind === 'shape' ? control.name : `\u0000${control.name}`,
  );
  const drives: Drive[] = [];
  const found = new Set<string>();
  for (const mesh of meshes) {
    const targets = targetsOf(mesh);
    if (targets.length === 0) continue;
    const map = mapControls(
      names,
      targets.map((target) => target.name),
    );
    for (let i = 0; i < map.controlIndices.length; i++) {
      const target = targets[map.targetIndices[i]];
      drives.push({ control: map.controlIndices[i], target, rest: target.influence });
      found.add(names[map.controlIndices[i]]);
    }
    keepShader(mesh);
  }
  if (!needed.every((name) => found.has(name))) return null;
  const shapes = manifest.controls.filter((control) => control.kind === 'shape');
  return {
    found: found.size,
    missing: shapes.map(({ name }) => name).filter((name) => !found.has(name) && !OPTIONAL.has(name)),
    apply(controls) {
      for (let i = 0; i < drives.length; i++) {
        const influence = controls[drives[i].control];
        if (drives[i].target.influence !== influence) drives[i].target.influence = influence;
      }
    },
    dispose() {
      for (const { target, rest } of drives) target.influence = rest;
    },
  };
}

/** Names of all morph targets of the meshes, for messages. */
export function morphTargetNames(meshes: readonly AbstractMesh[]): string[] {
  return meshes.flatMap((mesh) => targetsOf(mesh).map((target) => target.name));
}

function targetsOf(mesh: AbstractMesh): MorphTarget[] {
  const morphs = mesh.morphTargetManager;
  if (!morphs) return [];
  return Array.from({ length: morphs.numTargets }, (_, i) => morphs.getTarget(i));
}

/** Without this the shader is compiled anew whenever the number of non-zero influences changes. */
function keepShader(mesh: AbstractMesh): void {
  const morphs = mesh.morphTargetManager!;
  if (morphs.isUsingTextureForTargets) morphs.numMaxInfluencers = morphs.numTargets;
}
