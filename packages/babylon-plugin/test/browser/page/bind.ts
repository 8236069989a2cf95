import type { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { type BoundHead, readHead, type UnsureFaceError } from '../../../src/index.ts';
import { frame, loadHeadModel } from './head-model.ts';
import { createScene, differing, type EngineKind, picture, toDataUrl } from './scene.ts';

/** What {@link bindStranger} measures. */
export interface BoundStranger {
  readonly kind: string;
  readonly from: readonly string[];
  readonly mouth: string;
  readonly steps: readonly string[];
  /** Longest the page was kept from its frames while the worker bound, ms. */
  readonly longestBlockMs: number;
  readonly boundMs: number;
  readonly cachedMs: number;
  /** Milliseconds of each step of that. */
  readonly cachedSteps: Readonly<Record<string, number>>;
  /** Pixels that differ between poses, of 262144. */
  readonly jawToRest: number;
  /** Shares of a square around the mouth that show teeth and the red of its inside, 0 to 1: at rest and open. */
  readonly teeth: readonly [rest: number, open: number];
  readonly inside: readonly [rest: number, open: number];
  /** Pixels that a GPU and a CPU pose differ by. */
  readonly gpuToCpu: number;
  readonly pictures: Record<string, string>;
}

const EYES_TO_MOUTH_M = 0.085;

/** Binds a stranger's head in the worker, draws it, and loads it again from what the browser kept. */
export async function bindStranger(kind: EngineKind, objText: string): Promise<BoundStranger> {
  const model = await loadHeadModel();
  const { engine, scene } = await createScene(kind);
  // Pictures come from a texture: the canvas itself may be small.
  engine.setHardwareScalingLevel(8);
  const bytes = new TextEncoder().encode(objText);
  const steps: string[] = [];
  let longestBlockMs = 0;
  let last = performance.now();
  const ticker = setInterval(() => {
    longestBlockMs = Math.max(longestBlockMs, performance.now() - last);
    last = performance.now();
  }, 1);
  const startMs = performance.now();
  const head = (await readHead(scene, bytes, 'stranger.obj', '', model, {
    onProgress: (step) => {
      if (steps.at(-1) !== step) steps.push(step);
    },
  })) as BoundHead;
  const boundMs = performance.now() - startMs;
  clearInterval(ticker);
  const camera = scene.activeCamera as FreeCamera;
  const eyes = head.faceNode.getAbsolutePosition();
  camera.position.set(eyes.x, eyes.y - 0.05, eyes.z + 0.45);
  camera.fov = 0.6;
  camera.setTarget(eyes.add(new Vector3(0, -0.05, 0)));
  const show = async (values: Record<string, number>): Promise<Uint8Array> => {
    head.rig.apply(frame(model, values));
    return picture(scene);
  };
  const rest = await show({});
  const jaw = await show(TEETH_SHOWN);
  const mouth = mouthSquare(camera, eyes);
  head.dispose();

  const againMs = performance.now();
  const kept = (await readHead(scene, bytes, 'stranger.obj', '', model)) as BoundHead;
  const cachedMs = performance.now() - againMs;
  kept.dispose();
  const again = (await readHead(scene, bytes, 'stranger.obj', '', model, { path: 'cpu' })) as BoundHead;
  again.rig.apply(frame(model, TEETH_SHOWN));
  const onCpu = await picture(scene);
  again.dispose();
  engine.dispose();
  return {
    kind: head.kind,
    from: [head.rigFrom, kept.rigFrom],
    mouth: head.report.mouth,
    steps,
    longestBlockMs,
    boundMs,
    cachedMs,
    cachedSteps: kept.timingsMs,
    jawToRest: differing(jaw, rest, 24),
    teeth: [share(rest, mouth, isTooth), share(jaw, mouth, isTooth)],
    inside: [share(rest, mouth, isInside), share(jaw, mouth, isInside)],
    gpuToCpu: differing(jaw, onCpu, 24),
    pictures: { rest: toDataUrl(rest), jaw: toDataUrl(jaw), cpu: toDataUrl(onCpu) },
  };
}

/** A mouth wide open with both lips drawn back, so that both rows of teeth are seen and not only what lines the lips. */
const TEETH_SHOWN = {
  jawOpen: 0.9,
  mouthUpperUpLeft: 0.6,
  mouthUpperUpRight: 0.6,
  mouthLowerDownLeft: 0.6,
  mouthLowerDownRight: 0.6,
};

type Square = readonly [left: number, bottom: number, size: number];

/** The square around the mouth in a picture of 512 pixels, from its lower left corner. */
function mouthSquare(camera: FreeCamera, eyes: Vector3): Square {
  const halfViewM = Math.tan(camera.fov / 2) * (camera.position.z - eyes.z + 0.02);
  const y = 256 + ((eyes.y - EYES_TO_MOUTH_M - (eyes.y - 0.05)) / halfViewM) * 256;
  const half = (0.022 / halfViewM) * 256;
  return [256 - half, y - half, half * 2].map(Math.round) as [number, number, number];
}

/** Teeth are whiter than the skin, whatever light falls on them. */
function isTooth(red: number, green: number): boolean {
  return green > 90 && green > 0.96 * red;
}

function isInside(red: number, green: number): boolean {
  return red > 12 && green < 0.7 * red;
}

function share(
  pixels: Uint8Array,
  [left, bottom, size]: Square,
  is: (red: number, green: number) => boolean,
): number {
  let count = 0;
  for (let y = bottom; y < bottom + size; y++)
    for (let x = left; x < left + size; x++) {
      const i = (y * 512 + x) * 4;
      if (is(pixels[i], pixels[i + 1])) count++;
    }
  return count / size ** 2;
}

/** What becomes of a ball, and of a binding that is given up. */
export async function unboundHeads(ballObj: string, strangerObj: string): Promise<Record<string, unknown>> {
  const model = await loadHeadModel();
  const { engine, scene } = await createScene('webgl2');
  const read = (text: string, signal?: AbortSignal): Promise<unknown> =>
    readHead(scene, new TextEncoder().encode(text), 'head.obj', '', model, { signal, cache: false });
  const ball = await read(ballObj).catch((error: UnsureFaceError) => error);
  const { code, message, face, name } = ball as UnsureFaceError;
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 150);
  const aborted = await read(strangerObj, controller.signal).then(
    () => 'bound',
    (error: Error) => error.name,
  );
  const left = scene.meshes.length;
  engine.dispose();
  return { code, message, name, landmarks: face?.landmarks.count, aborted, left };
}
