import { DirectionalLight } from '@babylonjs/core/Lights/directionalLight';
import { HemisphericLight } from '@babylonjs/core/Lights/hemisphericLight';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent';
import { ImageProcessingConfiguration } from '@babylonjs/core/Materials/imageProcessingConfiguration';
import { RenderTargetTexture } from '@babylonjs/core/Materials/Textures/renderTargetTexture';
import { Color3, Color4 } from '@babylonjs/core/Maths/math.color';
import { Vector3 } from '@babylonjs/core/Maths/math.vector';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh';
import { Scene } from '@babylonjs/core/scene';
import { Colliders } from './colliders.ts';
import { createExhibits } from './exhibits.ts';
import { createFloor } from './floor.ts';
import { createTrail, type FloorGlow } from './floor-glow.ts';
import { createGarden } from './garden.ts';
import { createGate, type Gate } from './gate.ts';
import { createHall } from './hall.ts';
import { createLandscape } from './landscape.ts';
import { GUIDE, LAYOUT } from './layout.ts';
import { createMaterials } from './materials.ts';
import { PALETTE, SUN_DIRECTION } from './palette.ts';
import { createPointer, type Pointer } from './pointer.ts';
import type { QualityProfile } from './quality.ts';
import { createShop, type Shop } from './shop.ts';
import { createEnvironmentTexture, createSky } from './sky.ts';

/** Lets a figure's mesh cast a shadow that stays where it is or moves with it, or none any more. */
export type Cast = (mesh: AbstractMesh, shadow: 'still' | 'moving' | 'off') => void;

/** The hall and what the rest of the page needs of it. */
export interface World {
  readonly colliders: Colliders;
  /** The lit way to the guide. */
  readonly trail: FloorGlow;
  readonly cast: Cast;
  /** The shop, whose keeper opens it and gives things away. */
  readonly shop: Shop;
  readonly gate: Gate;
  /** Lights up what an NPC points at. */
  readonly pointer: Pointer;
  applyQuality(profile: QualityProfile): void;
  /** @param seconds Time since the page's start; stands still where motion is unwanted. */
  tick(seconds: number): void;
}

export function createWorld(scene: Scene, { stillness }: { stillness: boolean }): World {
  scene.clearColor = Color4.FromColor3(PALETTE.horizon);
  scene.fogMode = Scene.FOGMODE_EXP2;
  scene.fogDensity = 0.0042;
  scene.fogColor = PALETTE.horizon;
  scene.skipPointerMovePicking = true;
  const processing = scene.imageProcessingConfiguration;
  processing.toneMappingEnabled = true;
  processing.toneMappingType = ImageProcessingConfiguration.TONEMAPPING_KHR_PBR_NEUTRAL;
  processing.exposure = 1.05;
  processing.contrast = 1.08;

  const environment = createEnvironmentTexture(scene);
  scene.environmentTexture = environment;
  scene.environmentIntensity = 0.9;

  const sun = new DirectionalLight('sun', SUN_DIRECTION.scale(-1), scene);
  sun.position = SUN_DIRECTION.scale(34).add(new Vector3(0, 0, 2));
  sun.diffuse = Color3.FromHexString('#ffd9a8');
  sun.specular = Color3.FromHexString('#ffe2bd');
  sun.intensity = 1.2;
  sun.autoUpdateExtends = false;
  sun.orthoLeft = -17;
  sun.orthoRight = 17;
  sun.orthoTop = 17;
  sun.orthoBottom = -17;
  sun.shadowMinZ = 4;
  sun.shadowMaxZ = 64;
  const ambient = new HemisphericLight('ambient', Vector3.Up(), scene);
  ambient.diffuse = Color3.FromHexString('#b4c3de');
  ambient.groundColor = Color3.FromHexString('#a58a76');
  ambient.specular = Color3.Black();
  ambient.intensity = 0.92;

  const sky = createSky(scene);
  const materials = createMaterials(scene);
  const colliders = new Colliders();
  const ground = createFloor(scene, materials);
  const hall = createHall(scene, materials, colliders);
  const garden = createGarden(scene, materials, colliders);
  const exhibits = createExhibits(scene, materials, colliders, environment);
  const shop = createShop(scene, materials, colliders);
  const gate = createGate(scene, materials);
  const pointer = createPointer(scene);
  createLandscape(scene);
  const trail = createTrail(scene, LAYOUT[GUIDE].x, LAYOUT.spawn.z + 0.8, LAYOUT[GUIDE].z - 1.5);

  const still = [...ground, ...hall, ...garden, ...exhibits.meshes, ...shop.meshes, ...gate.meshes];
  for (const mesh of still) mesh.receiveShadows = true;
  const stillFigures = new Set<AbstractMesh>();
  const movingFigures = new Set<AbstractMesh>();
  let shadows: ShadowGenerator | undefined;
  let profile: QualityProfile | undefined;

  const follows = (): boolean => (profile?.shadowRefreshFrames ?? 0) > 0;
  const rebuildShadows = (size: number): void => {
    shadows?.dispose();
    shadows = new ShadowGenerator(size, sun);
    shadows.usePercentageCloserFiltering = true;
    shadows.filteringQuality = ShadowGenerator.QUALITY_MEDIUM;
    shadows.bias = 0.0022;
    shadows.normalBias = 0.018;
    shadows.darkness = 0.1;
    for (const mesh of [...hall, ...garden, ...exhibits.meshes, ...shop.meshes, ...stillFigures])
      shadows.addShadowCaster(mesh, false);
    if (follows()) for (const mesh of movingFigures) shadows.addShadowCaster(mesh, false);
  };

  return {
    colliders,
    trail,
    shop,
    gate,
    pointer,
    cast: (mesh, shadow) => {
      stillFigures.delete(mesh);
      movingFigures.delete(mesh);
      shadows?.removeShadowCaster(mesh, false);
      if (shadow !== 'off') {
        (shadow === 'still' ? stillFigures : movingFigures).add(mesh);
        mesh.receiveShadows = true;
        if (shadow === 'still' || follows()) shadows?.addShadowCaster(mesh, false);
      }
      // A map that is drawn once is drawn once more.
      if (shadow !== 'moving') shadows?.getShadowMap()?.resetRefreshCounter();
    },
    applyQuality: (next) => {
      const before = profile;
      profile = next;
      if (
        before?.shadowMapSize !== next.shadowMapSize ||
        before.shadowRefreshFrames !== next.shadowRefreshFrames
      )
        rebuildShadows(next.shadowMapSize);
      const map = shadows?.getShadowMap();
      if (map) map.refreshRate = next.shadowRefreshFrames || RenderTargetTexture.REFRESHRATE_RENDER_ONCE;
      sky.setClouds(next.clouds);
    },
    tick: (seconds) => {
      const at = stillness ? 0 : seconds;
      sky.tick(at);
      exhibits.tick(at);
      trail.tick(at);
      shop.tick(seconds, stillness);
      gate.tick(seconds, stillness);
      pointer.tick(seconds);
    },
  };
}
