import '@babylonjs/core/Culling/ray.js';
import { ArcRotateCamera } from '@babylonjs/core/Cameras/arcRotateCamera.js';
import { Engine } from '@babylonjs/core/Engines/engine.js';
import { DirectionalLight } from '@babylonjs/core/Lights/directionalLight.js';
import { HemisphericLight } from '@babylonjs/core/Lights/hemisphericLight.js';
import { Color4 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Scene } from '@babylonjs/core/scene.js';
import type { HeadMesh } from '@parley/sdk/bind';
import { showBareHead } from './bare-head.ts';
import type { FacePoint } from './face-points.ts';
import { PointHandles } from './point-handles.ts';

/** A head with the points of its face on a canvas. */
export interface PointsEditor {
  readonly scene: Scene;
  readonly camera: ArcRotateCamera;
  /** True lets the picture stand nearly still: without a GPU drawing would take the processor from a binding. */
  isBusy: boolean;
  /** Told which point was moved, once it is let go. */
  onMove: (point: FacePoint) => void;
  /** Shows or hides the head and its points; the view goes back to them. */
  show(visible: boolean): void;
  /** Where a point is seen, CSS pixels from the upper left corner of the canvas. */
  pointOnScreen(name: string): { x: number; y: number } | undefined;
  dispose(): void;
}

/** While something else is busy, a picture in this time is enough. */
const BUSY_FRAME_MS = 1000;
/** The view's angle where the picture is as wide as it is high, as a tangent of its half. */
const HALF_VIEW = Math.tan(0.25);

/** See `editPoints`. */
export function createPointsEditor(
  canvas: HTMLCanvasElement,
  list: HTMLElement,
  head: HeadMesh,
  points: readonly FacePoint[],
): PointsEditor {
  const engine = new Engine(canvas, true);
  const scene = new Scene(engine);
  scene.useRightHandedSystem = true;
  new HemisphericLight('sky', Vector3.Up(), scene).intensity = 0.7;
  new DirectionalLight('key', new Vector3(0.5, -0.6, -0.8), scene).intensity = 0.7;
  const camera = new ArcRotateCamera('camera', Math.PI / 2, Math.PI / 2, 0.6, Vector3.Zero(), scene);
  Object.assign(camera, { minZ: 0.01, wheelDeltaPercentage: 0.02, lowerRadiusLimit: 0.15 });
  camera.attachControl(true);
  const ended = new AbortController();
  const { signal } = ended;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const dress = (): void => {
    scene.clearColor = Color4.FromHexString(dark.matches ? '#2b323dff' : '#e4e7ecff');
  };
  dress();
  dark.addEventListener('change', dress, { signal });
  const fit = (): void => {
    engine.resize();
    // A head stays whole in a picture that is taller than it is wide.
    const narrow = Math.max(1, 0.9 / engine.getAspectRatio(camera));
    camera.fov = Math.min(1.1, 2 * Math.atan(HALF_VIEW * narrow));
  };
  addEventListener('resize', fit, { signal });
  fit();
  const bare = showBareHead(scene, head);
  bare.stand(points);
  const handles = new PointHandles(scene, camera, bare, points, list);
  const editor: PointsEditor = {
    scene,
    camera,
    isBusy: false,
    onMove: () => {},
    show(visible) {
      bare.mesh.setEnabled(visible);
      handles.show(visible);
      if (visible) camera.setTarget(Vector3.Zero());
    },
    pointOnScreen: (name) => handles.screenOf(name),
    dispose() {
      ended.abort();
      engine.dispose();
      list.replaceChildren();
    },
  };
  handles.onMove = (point) => editor.onMove(point);
  let drawnMs = 0;
  engine.runRenderLoop(() => {
    if (editor.isBusy && performance.now() - drawnMs < BUSY_FRAME_MS) return;
    scene.render();
    drawnMs = performance.now();
  });
  return editor;
}
