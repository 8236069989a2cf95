import type { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { readManifest } from '@parley/sdk';
import { joinParley } from '../../../src/index.ts';
import { sleep } from './audio.ts';
import { FakeRoom } from './fake-room.ts';
import { createScene, picture, toDataUrl } from './scene.ts';

/** What {@link talk} measures. */
export interface Talk {
  /** For each rendered frame with sound: face minus sound, ms. */
  readonly syncErrorsMs: number[];
  /** Room time that the face showed minus the room's time, for each frame with sound, ms. */
  readonly behindMs: number[];
  /** Largest change of jawOpen while speaking, and while idle before. */
  readonly jawSpeaking: number;
  readonly jawIdle: number;
  readonly jawAfterStop: number;
  readonly missing: readonly string[];
  readonly status: string[];
  readonly captions: string[];
  readonly frames: number;
  readonly underruns: number;
  /** Yaw of head by gaze with somebody on its own left and right, radians. */
  readonly yawLeft: number;
  readonly yawRight: number;
  /** What is left in the scene and the room after dispose, against before. */
  readonly left: Record<string, number>;
  readonly greetings: number;
  /** Moments of the run, ms since joining. */
  readonly took: Record<string, number>;
  readonly pictures: Record<string, string>;
}

/** One NPC in a scene: speaks, is interrupted, looks around, is taken away. */
export async function talk(head: string, seenAgoMs: number, withPictures: boolean): Promise<Talk> {
  const manifest = readManifest(await (await fetch('/parley/manifest.json')).json());
  const { engine, scene } = await createScene('webgl2');
  // Frames are wanted here, not pixels.
  engine.setHardwareScalingLevel(8);
  const camera = scene.activeCamera as FreeCamera;
  // The first PBR material of a scene leaves a lookup texture there for the others.
  new PBRMaterial('first', scene).dispose();
  const before = counts(scene);
  const room = new FakeRoom(manifest, ['guide']);
  const target = new Vector3();
  const startMs = performance.now();
  const took: Record<string, number> = {};
  const lap = (name: string): void => {
    took[name] = Math.round(performance.now() - startMs);
  };
  const parley = await joinParley(scene, room, {
    locate: (sessionId, out) => {
      if (sessionId !== 'somebody') return false;
      out.copyFrom(target);
      return true;
    },
  });
  lap('joined');
  const npc = await parley.addNpc('guide', { head });
  lap('added');
  const face = npc.face.faceNode!.getAbsolutePosition();
  camera.position.set(face.x + 0.1, face.y + 0.02, face.z + 0.5);
  camera.setTarget(face);
  const status: string[] = [];
  const captions: string[] = [];
  npc.on('status', (value) => status.push(value));
  npc.on('caption', (value) => captions.push(value));
  await parley.audio.unlock();
  await scene.whenReadyAsync();
  lap('ready');
  const control = (name: string): number => manifest.controls.findIndex((entry) => entry.name === name);
  const jaw = control('jawOpen');
  const yaw = control('headYaw');
  let frames = 0;
  const run = async (ms: number, each: () => void): Promise<void> => {
    const endMs = performance.now() + ms;
    // A busy machine renders few frames; some are needed for anything to be seen.
    for (let count = 0; performance.now() < endMs || count < 15; count++, frames++) {
      engine.beginFrame();
      scene.render();
      engine.endFrame();
      each();
      await sleep(5);
    }
  };
  const span = async (ms: number): Promise<number> => {
    let low = 9;
    let high = -9;
    await run(ms, () => {
      low = Math.min(low, npc.face.controls[jaw]);
      high = Math.max(high, npc.face.controls[jaw]);
    });
    return high - low;
  };
  /** Draws until a control rests: frames count for an animation, not the time that a busy machine takes for them. */
  const settle = async (index: number): Promise<number> => {
    const endMs = performance.now() + 20_000;
    let last = Number.NaN;
    do {
      last = npc.face.controls[index];
      await run(600, () => {});
    } while (Math.abs(npc.face.controls[index] - last) > 0.03 && performance.now() < endMs);
    return npc.face.controls[index];
  };
  const pictures: Record<string, string> = {};
  const jawIdle = await span(500);
  if (withPictures) pictures.idle = toDataUrl(await picture(scene));
  room.change('guide', { status: 'speaking', caption: 'Hello' });
  room.speak('guide', 7, 6 + seenAgoMs / 1000, seenAgoMs);
  const syncErrorsMs: number[] = [];
  const behindMs: number[] = [];
  let low = 9;
  let high = -9;
  await run(3200, () => {
    if (Number.isNaN(npc.syncErrorMs)) return;
    syncErrorsMs.push(npc.syncErrorMs);
    behindMs.push(npc.playback?.lagMs ?? Number.NaN);
    low = Math.min(low, npc.face.controls[jaw]);
    high = Math.max(high, npc.face.controls[jaw]);
  });
  if (withPictures) pictures.speaking = toDataUrl(await picture(scene));
  const stopSample = Math.round(npc.faceSample + 24_000 * 0.3);
  room.stop('guide', 7, stopSample);
  room.change('guide', { status: 'idle', caption: '' });
  await run(1200, () => {});
  const jawAfterStop = await span(400);
  const underruns = npc.playback?.underruns ?? 0;
  room.change('guide', { lookAt: 'somebody' });
  const left = scene.useRightHandedSystem ? 1 : -1;
  target.set(face.x + 1.2 * left, face.y, face.z + 1.5);
  await run(1200, () => {});
  const yawLeft = await settle(yaw);
  if (withPictures) pictures.left = toDataUrl(await picture(scene));
  target.set(face.x - 1.2 * left, face.y, face.z + 1.5);
  await run(1200, () => {});
  const yawRight = await settle(yaw);
  lap('done');
  const missing = npc.missingControls;
  const greetings = room.sent.filter(({ type }) => type === 'parley:hello').length;
  parley.dispose();
  room.close();
  // Babylon frees some things with the next frame, and takes observers off a moment later.
  engine.beginFrame();
  scene.render();
  engine.endFrame();
  await sleep(100);
  const after = counts(scene);
  engine.dispose();
  return {
    syncErrorsMs,
    behindMs,
    jawSpeaking: high - low,
    jawIdle,
    jawAfterStop,
    missing,
    status,
    captions,
    frames,
    underruns,
    yawLeft,
    yawRight,
    left: {
      ...Object.fromEntries(Object.entries(after).map(([key, count]) => [key, count - before[key]])),
      room: room.listeners,
    },
    greetings,
    pictures,
    took,
  };
}

function counts(scene: Scene): Record<string, number> {
  return {
    meshes: scene.meshes.length,
    nodes: scene.transformNodes.length,
    materials: scene.materials.length,
    textures: scene.textures.length,
    geometries: scene.geometries.length,
    skeletons: scene.skeletons.length,
    animations: scene.animationGroups.length,
    morphs: scene.morphTargetManagers.length,
    beforeRender: scene.onBeforeRenderObservable.observers.length,
    beforeAnimations: scene.onBeforeAnimationsObservable.observers.length,
    onDispose: scene.onDisposeObservable.observers.length,
    camera: scene.onActiveCameraChanged.observers.length,
  };
}
