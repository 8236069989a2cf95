import type { AnimationGroup } from '@babylonjs/core/Animations/animationGroup.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { type Head, loadHead } from '@parley/babylon';
import type { FaceManifest } from '@parley/sdk';
import { dressMaterial } from './dress-material.ts';
import { loadHeadModel } from './load-head-model.ts';
import type { Studio } from './studio.ts';

/** Frames a second that Babylon counts a glTF file's animations in. */
const ANIMATION_FPS = 60;
/** Height from the eyes to the top of the hair in glTF files, metres; hats and far eye estimates are left out. */
const CROWN_RANGE_M = [0.14, 0.19] as const;
/** Materials of .obj files are lit without tone mapping. */
const OBJ_BRIGHTNESS = 1.42;

/** A head before the camera. */
export interface StagedHead {
  readonly manifest: FaceManifest;
  /**
   * Shows a moment.
   * @param controls One frame in the manifest's order.
   * @param seconds Time in the film, for a body's own idle animation.
   */
  show(controls: Float32Array, seconds: number): void;
}

/**
 * Loads a head as every client does and points the camera at it.
 * @throws ParleyError as `loadHead`, `bad-export`, `bad-manifest`.
 */
export async function stageHead(studio: Studio, headUrl: string, exportsUrl: string): Promise<StagedHead> {
  const { scene } = studio;
  const model = await loadHeadModel(exportsUrl);
  const { manifest } = model;
  const head = await loadHead(scene, headUrl, model);
  for (const { material } of head.meshes)
    if (material && scene.environmentTexture) dressMaterial(material, scene.environmentTexture);
  if (head.kind === 'template') studio.brighten(OBJ_BRIGHTNESS);
  const idle = head.animationGroups.find(({ name }) => /idle/i.test(name));
  const pose = (seconds: number) => {
    if (idle) poseAt(idle, seconds);
  };
  idle?.start(true);
  idle?.pause();
  pose(0);
  head.rig.apply(new Float32Array(manifest.controls.length));
  scene.render();
  aim(studio, scene, head);
  return {
    manifest,
    show(controls, seconds) {
      pose(seconds);
      head.rig.apply(controls);
    },
  };
}

function poseAt(group: AnimationGroup, seconds: number): void {
  const length = group.to - group.from;
  if (length > 0) group.goToFrame(group.from + ((seconds * ANIMATION_FPS) % length));
}

function aim(studio: Studio, scene: Scene, head: Head): void {
  scene.updateTransformMatrix();
  head.root.computeWorldMatrix(true);
  const eyes = head.faceNode.getAbsolutePosition();
  let top = Number.NEGATIVE_INFINITY;
  for (const mesh of head.meshes) {
    mesh.computeWorldMatrix(true);
    mesh.refreshBoundingInfo({ applySkeleton: true });
    top = Math.max(top, mesh.getBoundingInfo().boundingBox.maximumWorld.y);
  }
  const measured = top - eyes.y;
  // glTF files are in metres; an .obj may be in anything.
  const [low, high] = CROWN_RANGE_M;
  const crown = head.kind === 'morphs' ? Math.min(Math.max(measured, low), high) : measured;
  studio.frame(eyes.clone(), crown);
}
