import { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import { Engine } from '@babylonjs/core/Engines/engine.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import { Scene } from '@babylonjs/core/scene.js';
import { createSceneAudio } from '../../../src/audio/scene-audio.ts';
import { createSpatialVoice } from '../../../src/audio/spatial-voice.ts';
import { sleep } from './audio.ts';

/** Loudness of a steady tone at the two ears, in dB. */
export interface Ears {
  readonly left: number;
  readonly right: number;
}

/**
 * Measures how a voice is heard by a camera at the origin that looks along +z.
 *
 * @param places - Where the voice is, as its place on screen: to the right, and ahead, in metres.
 */
export async function hearFrom(
  rightHanded: boolean,
  places: { right: number; ahead: number }[],
): Promise<Ears[]> {
  const engine = new Engine(document.getElementById('canvas') as HTMLCanvasElement, false);
  engine.setHardwareScalingLevel(16);
  const scene = new Scene(engine);
  scene.useRightHandedSystem = rightHanded;
  const camera = new FreeCamera('ears', Vector3.Zero(), scene);
  camera.setTarget(new Vector3(0, 0, 1));
  const audio = await createSceneAudio(scene);
  await audio.unlock();
  const { context } = audio;
  const tone = new OscillatorNode(context, { frequency: 1500 });
  tone.start();
  const mouth = new TransformNode('mouth', scene);
  const voice = await createSpatialVoice(audio.engine, tone, mouth);
  const ears = context.createChannelSplitter(2);
  const analysers = [context.createAnalyser(), context.createAnalyser()];
  // biome-ignore lint/suspicious/noExplicitAny: the measuring point is inside the engine
  ((voice.source as any)._outNode as AudioNode).connect(ears);
  for (const [channel, analyser] of analysers.entries()) ears.connect(analyser, channel);
  const listen = async (right: number, ahead: number): Promise<Ears> => {
    // Looking along +z, the screen's right is +x in a left-handed scene and -x in a right-handed one.
    mouth.position.set(rightHanded ? -right : right, 0, ahead);
    const settled = context.currentTime + 0.4;
    for (let i = 0; i < 10 || context.currentTime < settled; i++) {
      engine.beginFrame();
      scene.render();
      engine.endFrame();
      await sleep(15);
    }
    const levels = analysers.map((analyser) => {
      const sound = new Float32Array(analyser.fftSize);
      analyser.getFloatTimeDomainData(sound);
      return 10 * Math.log10(sound.reduce((sum, sample) => sum + sample * sample, 1e-12) / sound.length);
    });
    return { left: levels[0], right: levels[1] };
  };
  // A browser loads its head-related transfer functions when they are first used, and pans nothing until then.
  for (let i = 0; i < 40; i++) {
    const { left, right } = await listen(2, 0.5);
    if (Math.abs(left - right) > 1) break;
  }
  const heard: Ears[] = [];
  for (const { right, ahead } of places) heard.push(await listen(right, ahead));
  voice.dispose();
  audio.dispose();
  engine.dispose();
  return heard;
}
