import { Layer } from '@babylonjs/core/Layers/layer.js';
import { DynamicTexture } from '@babylonjs/core/Materials/Textures/dynamicTexture.js';
import type { Scene } from '@babylonjs/core/scene.js';

const SIZE = 512;
const MIDDLE = '#6d7988';
const EDGE = '#2b323d';

/** A plain paper backdrop, brighter behind the head. */
export function createBackdrop(scene: Scene): void {
  const texture = new DynamicTexture('backdrop', SIZE, scene, false);
  const context = texture.getContext() as CanvasRenderingContext2D;
  const light = context.createRadialGradient(SIZE / 2, SIZE * 0.42, 0, SIZE / 2, SIZE * 0.42, SIZE * 0.75);
  light.addColorStop(0, MIDDLE);
  light.addColorStop(1, EDGE);
  context.fillStyle = light;
  context.fillRect(0, 0, SIZE, SIZE);
  texture.update();
  new Layer('backdrop', null, scene, true).texture = texture;
}
