import type { AnimationGroup } from '@babylonjs/core/Animations/animationGroup';
import type { AssetContainer } from '@babylonjs/core/assetContainer';
import { LoadAssetContainerAsync } from '@babylonjs/core/Loading/sceneLoader';
import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial';
import { Color3 } from '@babylonjs/core/Maths/math.color';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode';
import type { Scene } from '@babylonjs/core/scene';
import '@babylonjs/loaders/glTF/2.0';

const TINTS = [
  '#c0563b',
  '#3f7fa6',
  '#5c8a4a',
  '#8a5aa0',
  '#c79a3a',
  '#3b8f86',
  '#b54f77',
  '#5a6470',
] as const;
/** Walking speed that the walk animation was made for. */
const WALK_SPEED_M_S = 1.5;

/** A visitor's figure. */
export interface VisitorBody {
  readonly root: TransformNode;
  readonly meshes: readonly AbstractMesh[];
  /** @param speed Metres a second over the floor. */
  walk(speed: number, seconds: number): void;
  setVisible(visible: boolean): void;
  dispose(): void;
}

/** Makes figures, all from one file. */
export interface VisitorBodies {
  /** @param key The same key (a session id) gets the same colour everywhere. */
  create(key: string): VisitorBody;
}

export async function loadVisitorBodies(scene: Scene, url: string): Promise<VisitorBodies> {
  const container = await LoadAssetContainerAsync(url, scene);
  return { create: (key) => createBody(scene, container, key) };
}

function createBody(scene: Scene, container: AssetContainer, key: string): VisitorBody {
  const entries = container.instantiateModelsToScene((name) => `${key}-${name}`, false, {
    doNotInstantiate: true,
  });
  const root = new TransformNode(`visitor-${key}`, scene);
  for (const node of entries.rootNodes) node.parent = root;
  const meshes = root.getChildMeshes();
  const tint = Color3.FromHexString(TINTS[hash(key) % TINTS.length]).toLinearSpace();
  let own: PBRMaterial | undefined;
  for (const mesh of meshes) {
    mesh.isPickable = false;
    if (mesh.material?.name !== 'tint') continue;
    if (!own) {
      own = mesh.material.clone(`tint-${key}`) as PBRMaterial;
      own.albedoColor = tint;
    }
    mesh.material = own;
  }
  const idle = start(entries.animationGroups, 'idle');
  const walk = start(entries.animationGroups, 'walk');
  let share = 0;
  return {
    root,
    meshes,
    walk: (speed, seconds) => {
      const wanted = Math.min(1, speed / 0.8);
      share += (wanted - share) * Math.min(1, seconds * 9);
      idle?.setWeightForAllAnimatables(1 - share);
      walk?.setWeightForAllAnimatables(share);
      if (walk) walk.speedRatio = Math.max(0.5, speed / WALK_SPEED_M_S);
    },
    setVisible: (visible) => {
      if (root.isEnabled() !== visible) root.setEnabled(visible);
    },
    dispose: () => {
      entries.dispose();
      own?.dispose();
      root.dispose();
    },
  };
}

function start(groups: readonly AnimationGroup[], name: string): AnimationGroup | undefined {
  const group = groups.find((candidate) => candidate.name.endsWith(name));
  group?.start(true);
  group?.setWeightForAllAnimatables(name === 'idle' ? 1 : 0);
  return group;
}

function hash(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i++) value = (value * 31 + text.charCodeAt(i)) >>> 0;
  return value;
}
