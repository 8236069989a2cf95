import { type FaceManifest, OCC_EMOTIONS, PHONE_SYMBOLS } from '../src/index.ts';

const file = (path: string) => ({ path, sha256: '0'.repeat(64), sizeBytes: 1 });

/** A manifest of a model with 2 heads x 5 classes, a window of 3 frames, and 3 controls. */
export function tinyManifest(): FaceManifest {
  return {
    format: 'parley-face',
    version: 2,
    name: 'tiny',
    licence: 'Apache-2.0',
    trainingCommit: 'none',
    codec: { heads: 2, classes: 5, fps: 30, window: 3, neutral: [1, 2], lipHeads: [0], upperHeads: [1] },
    controls: [
      { name: 'jawOpen', kind: 'shape', unit: '1', min: 0, max: 1 },
      { name: 'headYaw', kind: 'rotation', unit: 'rad', min: -1, max: 1 },
      { name: 'mouthPucker', kind: 'shape', unit: '1', min: 0, max: 1 },
    ],
    files: {
      decoder: file('decoder.onnx'),
      encoderSmall: file('encoder-small.onnx'),
      articulator: file('articulator.onnx'),
      context: file('context.onnx'),
      template: file('template.obj'),
      templateInfo: file('template.json'),
      basis: file('basis.bin'),
      idle: file('idle.bin'),
    },
    encoders: {
      small: {
        file: 'encoderSmall',
        rateHz: 24_000,
        hopSamples: 800,
        blockFrames: 3,
        lookaheadFrames: 3,
        stateSize: 4,
        featureSize: 4,
        maxFrames: 300,
        inputs: ['audio', 'state'],
        outputs: ['logits', 'features', 'nextState'],
      },
    },
    articulator: {
      file: 'articulator',
      rateHz: 60,
      samplesPerLabel: 400,
      symbols: PHONE_SYMBOLS,
      marginFrames: 8,
      inputs: ['phones', 'stress', 'audio'],
      outputs: ['logits'],
    },
    emotions: OCC_EMOTIONS,
    context: {
      window: 8,
      featureSize: 4,
      inputs: ['past', 'features', 'emotion'],
      outputs: ['logits'],
    },
    basis: { vertices: 4, scale: [0.001, 0.002] },
    idle: { frames: 10 },
    scores: {},
  };
}
