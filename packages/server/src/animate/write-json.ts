import { controlIndex } from '@parley/sdk';
import { ARKIT_NAMES } from './arkit-names.ts';
import type { FaceFrames } from './face-frames.ts';
import type { FaceModelFiles } from './face-model-files.ts';
import { KEYPOINT_NAMES } from './keypoint-names.ts';
import { evaluateKeypoints, type LinearKeypoints } from './linear-keypoints.ts';

/** Where text goes; resolves when there is room for more. */
export type WriteText = (text: string) => Promise<void>;

/** Weights are written in steps of 0.0001. */
const WEIGHT_STEPS = 1e4;
/** Points are written to the micrometre. */
const METRE_STEPS = 1e6;

/**
 * Writes a take as one JSON object: `fps`, `heads`, `classes`, `codes` (frames x heads), `arkit` (`names`, `frames`: frames x
 * 52 weights in [0, 1]) and `keypoints` (`names`, `frames`: frames x 68 x 3 metres, right-handed, +y up, +z out of the face,
 * without the head's motion). Frame n is the face at n / fps seconds.
 *
 * @param take The frames in order; it is gone through three times.
 * @param points The 68 points of the head in question.
 */
export async function writeJson(
  write: WriteText,
  take: readonly FaceFrames[],
  { manifest }: FaceModelFiles,
  points: LinearKeypoints,
): Promise<void> {
  const { fps, heads, classes } = manifest.codec;
  const size = manifest.controls.length;
  await write(`{"fps":${fps},"heads":${heads},"classes":${classes},\n"codes":`);
  await writeFrames(write, take, ({ codes }, frame) =>
    JSON.stringify([...codes.subarray(frame * heads, (frame + 1) * heads)]),
  );

  const indices = ARKIT_NAMES.map((name) => controlIndex(manifest, name));
  await write(`,\n"arkit":{"names":${JSON.stringify(ARKIT_NAMES)},\n"frames":`);
  await writeFrames(write, take, ({ controls }, frame) =>
    JSON.stringify(indices.map((index) => weight(index < 0 ? 0 : controls[frame * size + index]!))),
  );

  await write(`},\n"keypoints":{"names":${JSON.stringify(KEYPOINT_NAMES)},\n"frames":`);
  const xyz = new Float32Array(points.rest.length);
  await writeFrames(write, take, ({ controls }, frame) => {
    evaluateKeypoints(points, controls.subarray(frame * size, (frame + 1) * size), xyz);
    const rows = KEYPOINT_NAMES.map((_, i) => [
      metres(xyz[i * 3]!),
      metres(xyz[i * 3 + 1]!),
      metres(xyz[i * 3 + 2]!),
    ]);
    return JSON.stringify(rows);
  });
  await write('}}\n');
}

async function writeFrames(
  write: WriteText,
  take: readonly FaceFrames[],
  line: (block: FaceFrames, frame: number) => string,
): Promise<void> {
  let before = '[\n';
  for (const block of take)
    for (let frame = 0; frame < block.frames; frame++) {
      await write(before + line(block, frame));
      before = ',\n';
    }
  await write('\n]');
}

function weight(value: number): number {
  return Math.round(Math.min(Math.max(value, 0), 1) * WEIGHT_STEPS) / WEIGHT_STEPS;
}

function metres(value: number): number {
  return Math.round(value * METRE_STEPS) / METRE_STEPS;
}
