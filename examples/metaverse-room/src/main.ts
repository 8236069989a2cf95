import { Engine } from '@babylonjs/core/Engines/engine';
import { Scene } from '@babylonjs/core/scene';
import { CameraRig } from './avatar/camera-rig.ts';
import { createWorld } from './world/create-world.ts';
import { QUALITY_PROFILES } from './world/quality.ts';

const canvas = document.querySelector('canvas')!;
canvas.style.cssText = 'position:fixed;inset:0;width:100%;height:100%';
const engine = new Engine(canvas, true);
const scene = new Scene(engine);
const world = createWorld(scene, { stillness: false });
const rig = new CameraRig(scene, world.colliders, 0);
world.applyQuality(QUALITY_PROFILES.high);
let t = 0;
engine.runRenderLoop(() => {
  t += 0.1;
  world.tick(t);
  const p = (window as any).pose ?? [0, -8.5, 0, 0.08];
  rig.yaw = p[2];
  rig.pitch = p[3];
  rig.update(1, p[0], p[1], engine.getScreenAspectRatio(), false);
  scene.render();
  (window as any).__n = ((window as any).__n ?? 0) + 1;
});
