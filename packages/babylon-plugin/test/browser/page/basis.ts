import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder.js';
import { loadHead } from '../../../src/index.ts';
import { frame, loadHeadModel } from './head-model.ts';
import { createScene, differing, type EngineKind, picture, toDataUrl } from './scene.ts';

const EXPRESSION = {
  jawOpen: 0.6,
  mouthSmileLeft: 0.5,
  mouthSmileRight: 0.4,
  browInnerUp: 0.8,
  eyeBlinkLeft: 1,
  eyeLookOutRight: 0.7,
  headYaw: 0.25,
  headPitch: 0.1,
  headRoll: -0.1,
};

/** What {@link gpuAgainstCpu} measures, in pixels of a 512 x 512 picture. */
export interface BasisDifference {
  /** GPU against CPU in the same pose. */
  readonly gpuToCpu: number;
  /** Pose against rest, on the GPU: the head did move. */
  readonly poseToRest: number;
  readonly gpuPicture: string;
  readonly cpuPicture: string;
  readonly restPicture: string;
  readonly renderer: string;
}

/** Renders one pose with the vertex shader and with the CPU path. */
export async function gpuAgainstCpu(
  kind: EngineKind,
  material: 'file' | 'standard' | 'pbr',
  withShadow: boolean,
  head: 'template' | 'bust' = 'template',
): Promise<BasisDifference> {
  const model = await loadHeadModel();
  const url = head === 'bust' ? '/heads/bust.obj' : '/parley/template.obj';
  const pictures: Uint8Array[] = [];
  let restPicture = new Uint8Array();
  let renderer = '';
  for (const path of ['auto', 'cpu'] as const) {
    const { engine, scene, light } = await createScene(kind);
    renderer = engine.description;
    const loaded = await loadHead(scene, url, model, { path });
    for (const mesh of loaded.meshes) {
      if (material === 'file') continue;
      const own = mesh.material;
      // The head owns the plug-in's material, so its look is changed in place where that is possible.
      if (own instanceof StandardMaterial) own.diffuseColor = new Color3(0.8, 0.6, 0.5);
    }
    if (withShadow) {
      const ground = CreateGround('ground', { width: 2, height: 2 }, scene);
      ground.position.y = -0.16;
      const look = new PBRMaterial('ground', scene);
      look.metallic = 0;
      look.roughness = 1;
      ground.material = look;
      ground.receiveShadows = true;
      const shadows = new ShadowGenerator(512, light);
      for (const mesh of loaded.meshes) shadows.addShadowCaster(mesh);
    }
    if (path === 'auto') {
      loaded.rig.apply(frame(model, {}));
      restPicture = (await picture(scene)) as Uint8Array<ArrayBuffer>;
    }
    loaded.rig.apply(frame(model, EXPRESSION));
    pictures.push(await picture(scene));
    engine.dispose();
  }
  return {
    gpuToCpu: differing(pictures[0], pictures[1], 24),
    poseToRest: differing(pictures[0], restPicture, 24),
    gpuPicture: toDataUrl(pictures[0]),
    cpuPicture: toDataUrl(pictures[1]),
    restPicture: toDataUrl(restPicture),
    renderer,
  };
}
