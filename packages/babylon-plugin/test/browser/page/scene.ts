import { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { Engine } from '@babylonjs/core/Engines/engine.js';
import { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.js';
import { DirectionalLight } from '@babylonjs/core/Lights/directionalLight.js';
import { HemisphericLight } from '@babylonjs/core/Lights/hemisphericLight.js';
import { RenderTargetTexture } from '@babylonjs/core/Materials/Textures/renderTargetTexture.js';
import { Color4 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Scene } from '@babylonjs/core/scene.js';

export type EngineKind = 'webgl2' | 'webgpu';

/** An empty scene with lights and a camera in front of a head at the origin. */
export async function createScene(
  kind: EngineKind,
): Promise<{ engine: AbstractEngine; scene: Scene; light: DirectionalLight }> {
  const canvas = document.getElementById('canvas') as HTMLCanvasElement;
  const engine =
    kind === 'webgpu' ? new WebGPUEngine(canvas) : new Engine(canvas, true, { preserveDrawingBuffer: true });
  if (engine instanceof WebGPUEngine) await engine.initAsync();
  const scene = new Scene(engine);
  scene.clearColor = new Color4(0.1, 0.12, 0.16, 1);
  const camera = new FreeCamera('camera', new Vector3(0.12, 0.03, 0.5), scene);
  camera.minZ = 0.05;
  camera.setTarget(Vector3.Zero());
  new HemisphericLight('sky', Vector3.Up(), scene).intensity = 0.6;
  const light = new DirectionalLight('sun', new Vector3(-0.4, -0.5, -1), scene);
  light.position = new Vector3(0.5, 0.8, 1.5);
  return { engine, scene, light };
}

const SIZE = 512;

/** Renders some frames and returns the last one as RGBA, read from a texture because a WebGPU canvas cannot be. */
export async function picture(scene: Scene): Promise<Uint8Array> {
  const target = new RenderTargetTexture('picture', SIZE, scene, false);
  target.samples = 4;
  target.renderList = null;
  target.activeCamera = scene.activeCamera;
  target.clearColor = scene.clearColor;
  scene.customRenderTargets.push(target);
  await scene.whenReadyAsync();
  for (let i = 0; i < 4; i++) {
    scene.getEngine().beginFrame();
    scene.render();
    scene.getEngine().endFrame();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const pixels = (await target.readPixels()) as Uint8Array;
  scene.customRenderTargets.splice(scene.customRenderTargets.indexOf(target), 1);
  const copy = pixels.slice();
  target.dispose();
  return copy;
}

/** Pixels whose largest channel difference is above `limit`. */
export function differing(a: Uint8Array, b: Uint8Array, limit: number): number {
  let count = 0;
  for (let i = 0; i < a.length; i += 4) {
    const most = Math.max(
      Math.abs(a[i] - b[i]),
      Math.abs(a[i + 1] - b[i + 1]),
      Math.abs(a[i + 2] - b[i + 2]),
    );
    if (most > limit) count++;
  }
  return count;
}

/** The picture as a data URL, upright, for a person to look at. */
export function toDataUrl(pixels: Uint8Array): string {
  const canvas = document.createElement('canvas');
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(SIZE, SIZE);
  for (let y = 0; y < SIZE; y++) {
    image.data.set(pixels.subarray((SIZE - 1 - y) * SIZE * 4, (SIZE - y) * SIZE * 4), y * SIZE * 4);
  }
  for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
