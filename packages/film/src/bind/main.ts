import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { type BoundHead, editPoints, type Head, readHead } from '@parley/babylon';
import { readHead as readMesh } from '@parley/sdk/bind';
import { fetchBytes, loadHeadModel } from '../load-head-model.ts';
import type { BindJob } from './bind-job.ts';
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

const DOING: Readonly<Record<string, string>> = {
  read: 'Reading the head',
  load: 'Fetching what is needed',
  bind: 'Teaching it to speak',
  prepare: 'Nearly there',
};

async function main(): Promise<void> {
  const job: BindJob = await (await fetch('job.json')).json();
  const { points, insideOut } = job.points;
  const model = await loadHeadModel(new URL(job.exportsUrl, document.baseURI).href);
  const bytes = await fetchBytes(job.headUrl);
  const name = decodeURIComponent(job.headUrl.replace(/^.*\//, ''));
  const rootUrl = job.headUrl.slice(0, job.headUrl.lastIndexOf('/') + 1);
  const mesh = await readMesh(bytes, { fileName: name });
  const stage = await editPoints(element<HTMLCanvasElement>('picture'), element('points'), mesh, points);
  const { scene, camera } = stage;
  stage.onMove = ({ hint }) => {
    words.textContent = `${hint}: moved. Bind when all points are right.`;
  };
  globalThis.parleyPoint = (name) => {
    const point = points.find((each) => each.name === name);
    const place = stage.pointOnScreen(name);
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
    stage.show(true);
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
      stage.show(false);
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
