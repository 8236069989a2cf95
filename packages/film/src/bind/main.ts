import '@babylonjs/core/Culling/ray.js';
import { ArcRotateCamera } from '@babylonjs/core/Cameras/arcRotateCamera.js';
import { Engine } from '@babylonjs/core/Engines/engine.js';
import { DirectionalLight } from '@babylonjs/core/Lights/directionalLight.js';
import { HemisphericLight } from '@babylonjs/core/Lights/hemisphericLight.js';
import { Color4 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Scene } from '@babylonjs/core/scene.js';
import { type BoundHead, type Head, readHead } from '@parley/babylon';
import { readHead as readMesh } from '@parley/sdk/bind';
import { fetchBytes, loadHeadModel } from '../load-head-model.ts';
import { showBareHead } from './bare-head.ts';
import type { BindJob } from './bind-job.ts';
import { PointHandles } from './point-handles.ts';
import { loadSentence } from './sentence.ts';

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const words = element('words');
const button = (id: string) => element<HTMLButtonElement>(id);

declare global {
  /** For whoever drives this page by a script: where a point is seen, in CSS pixels of the picture, and where it lies on the head. */
  var parleyPoint:
    | ((name: string) => { x: number; y: number; position: readonly number[] } | undefined)
    | undefined;
}

/** While a head is bound, a picture in this time is enough. */
const BUSY_FRAME_MS = 1000;

const DOING: Readonly<Record<string, string>> = {
  read: 'Reading the head',
  load: 'Fetching what is needed',
  bind: 'Teaching it to speak',
  prepare: 'Nearly there',
};

/** A head to look at from all sides; no clock runs but the browser's frames. */
function createStage() {
  const canvas = element<HTMLCanvasElement>('picture');
  const engine = new Engine(canvas, true);
  const scene = new Scene(engine);
  scene.useRightHandedSystem = true;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const dress = () => {
    scene.clearColor = Color4.FromHexString(dark.matches ? '#2b323dff' : '#e4e7ecff');
  };
  dress();
  dark.addEventListener('change', dress);
  new HemisphericLight('sky', Vector3.Up(), scene).intensity = 0.7;
  new DirectionalLight('key', new Vector3(0.5, -0.6, -0.8), scene).intensity = 0.7;
  const camera = new ArcRotateCamera('camera', Math.PI / 2, Math.PI / 2, 0.6, Vector3.Zero(), scene);
  Object.assign(camera, { minZ: 0.01, fov: 0.5, wheelDeltaPercentage: 0.02, lowerRadiusLimit: 0.15 });
  camera.attachControl(true);
  const fit = () => {
    engine.resize();
    // A head stays whole in a picture that is taller than it is wide.
    camera.fov = Math.min(
      1.1,
      2 * Math.atan(Math.tan(0.25) * Math.max(1, 0.9 / engine.getAspectRatio(camera))),
    );
  };
  addEventListener('resize', fit);
  fit();
  const stage = { scene, camera, isBusy: false };
  let drawnMs = 0;
  engine.runRenderLoop(() => {
    // Without a GPU drawing would take the processor from the binding.
    if (stage.isBusy && performance.now() - drawnMs < BUSY_FRAME_MS) return;
    scene.render();
    drawnMs = performance.now();
  });
  return stage;
}

async function main(): Promise<void> {
  const job: BindJob = await (await fetch('job.json')).json();
  const { points, insideOut } = job.points;
  const model = await loadHeadModel(new URL(job.exportsUrl, document.baseURI).href);
  const bytes = await fetchBytes(job.headUrl);
  const name = decodeURIComponent(job.headUrl.replace(/^.*\//, ''));
  const rootUrl = job.headUrl.slice(0, job.headUrl.lastIndexOf('/') + 1);
  const stage = createStage();
  const { scene, camera } = stage;
  const bare = showBareHead(scene, await readMesh(bytes, { fileName: name }));
  bare.stand(points);
  const handles = new PointHandles(scene, camera, bare, points, element('points'));
  handles.onMove = ({ hint }) => {
    words.textContent = `${hint}: moved. Bind when all points are right.`;
  };
  globalThis.parleyPoint = (name) => {
    const point = points.find((each) => each.name === name);
    const place = handles.screenOf(name);
    return point && place && { x: place.x, y: place.y, position: point.position };
  };
  const sentence = await loadSentence(job.sentenceUrl, model.manifest);
  let bound: Head | null = null;

  /** Which button comes next in the order of things. */
  const lead = (next: string) => {
    for (const id of ['bind', 'back', 'speak', 'save']) button(id).classList.toggle('next', id === next);
  };
  const showPoints = () => {
    lead('bind');
    bound?.dispose();
    bound = null;
    bare.mesh.setEnabled(true);
    handles.show(true);
    camera.setTarget(Vector3.Zero());
    for (const id of ['back', 'speak', 'save']) button(id).disabled = true;
    button('bind').disabled = false;
  };
  button('back').onclick = () => {
    showPoints();
    words.textContent = 'Check the points, then bind.';
  };
  button('bind').onclick = async () => {
    showPoints();
    button('bind').disabled = true;
    stage.isBusy = true;
    try {
      bound = await readHead(scene, bytes, name, rootUrl, model, {
        points: { points, insideOut },
        cache: false,
        onProgress: (step, done) => {
          words.textContent = `${DOING[step] ?? step}: ${Math.round(100 * done)} %`;
        },
      });
      bare.mesh.setEnabled(false);
      handles.show(false);
      bound.root.computeWorldMatrix(true);
      camera.setTarget(bound.faceNode.getAbsolutePosition().add(new Vector3(0, -0.04, 0)));
      const { report } = bound as BoundHead;
      words.textContent = report
        ? ['It can speak.', ...report.warnings].join(' ')
        : 'It speaks by its own shapes already.';
      for (const id of ['back', 'speak']) button(id).disabled = false;
      lead('speak');
      button('save').disabled = !('rigFile' in bound);
    } catch (error) {
      words.textContent = error instanceof Error ? error.message : String(error);
    }
    stage.isBusy = false;
    button('bind').disabled = false;
  };
  button('speak').onclick = () => {
    if (!('rigFile' in (bound ?? {}))) lead('speak');
    else lead('save');
    if (bound)
      sentence.play(bound.rig).catch((error: Error) => {
        words.textContent = error.message;
      });
  };
  button('save').onclick = async () => {
    const { rigFile } = bound as BoundHead;
    const response = await fetch('write?position=0', { method: 'POST', body: rigFile as BodyInit });
    words.textContent = response.ok ? 'Saved. You can close this page.' : await response.text();
  };
  showPoints();
  words.textContent = 'Check the points, then bind.';
}

main().catch((error: Error) => {
  words.textContent = error.message;
});
