import { controlIndex, rotationIndices } from '@parley/sdk';
import { ARKIT_NAMES } from './arkit-names.ts';
import type { FaceFrames } from './face-frames.ts';
import type { FaceModelFiles, TemplateInfo } from './face-model-files.ts';
import type { WriteText } from './write-json.ts';

/** Live Link Face writes the right side of a pair of directions first where ARKit has the left one. */
const SWAPPED: Readonly<Record<string, string>> = {
  jawLeft: 'jawRight',
  jawRight: 'jawLeft',
  mouthLeft: 'mouthRight',
  mouthRight: 'mouthLeft',
};
const SHAPES = ARKIT_NAMES.map((name) => SWAPPED[name] ?? name);
const ROTATIONS = ['Head', 'LeftEye', 'RightEye'].flatMap((part) =>
  ['Yaw', 'Pitch', 'Roll'].map((angle) => part + angle),
);
const COLUMNS = [...SHAPES.map((name) => name[0]!.toUpperCase() + name.slice(1)), ...ROTATIONS];
const DECIMALS = 6;
/**
 * Readers take the last part of a timecode for sixtieths of a second, whatever the recording's rate: Unreal's
 * LiveLinkFaceImporter and the importer for Maya both have 60 as a constant.
 */
const TIMECODE_FPS = 60;

/** Yaw, pitch and roll of a rotation, radians, as Live Link Face means them. */
export type LiveLinkAngles = readonly [yaw: number, pitch: number, roll: number];

/**
 * Writes frames as they come in the CSV convention of Epic's Live Link Face: a timecode `hh:mm:ss:ff.fff` that begins at
 * zero and counts sixtieths of a second, the number of values (61), 52 weights, then yaw, pitch and roll of head and eyes in
 * radians. The signs and the order of the angles are those of a recording of the app (docs/decisions/live-link-face.md).
 */
export async function writeLiveLink(
  write: WriteText,
  frames: AsyncIterable<FaceFrames> | Iterable<FaceFrames>,
  { manifest, info }: FaceModelFiles,
): Promise<void> {
  const { fps } = manifest.codec;
  const size = manifest.controls.length;
  const index = new Map([...manifest.controls.keys()].map((i) => [manifest.controls[i]!.name, i]));
  const shapes = SHAPES.map((name) => controlIndex(manifest, name));
  const { pitch, yaw, roll } = rotationIndices(manifest);
  await write(`Timecode,BlendShapeCount,${COLUMNS.join(',')}\n`);
  for await (const block of frames)
    for (let frame = 0; frame < block.frames; frame++) {
      const row = block.controls.subarray(frame * size, (frame + 1) * size);
      const read = (name: string) => row[index.get(name) ?? -1] ?? 0;
      const values = [
        ...shapes.map((shape) => row[shape] ?? 0),
        ...liveLinkAngles(row[pitch] ?? 0, row[yaw] ?? 0, row[roll] ?? 0),
        ...eyeAngles(read, 'Left', info.gazeDeg),
        ...eyeAngles(read, 'Right', info.gazeDeg),
      ];
      const cells = values.map((value) => value.toFixed(DECIMALS));
      await write(
        `${liveLinkTimecode(block.startFrame + frame, fps)},${COLUMNS.length},${cells.join(',')}\n`,
      );
    }
}

/**
 * The same rotation in Live Link Face's angles. Ours turn about the head's axes with yaw last, theirs with pitch last:
 * `Ry(yaw) Rx(pitch) Rz(-roll)` becomes `Rx(pitch) Ry(yaw) Rz(-roll)`, with +x to the face's own left, +y up and +z out of the
 * face. In both, +yaw turns to the own left, +pitch down, and +roll tilts to the own left.
 *
 * @param pitch - Radians, as yaw and roll; the order is that of `headQuaternion`.
 */
export function liveLinkAngles(pitch: number, yaw: number, roll: number): LiveLinkAngles {
  const [sx, cx] = [Math.sin(pitch), Math.cos(pitch)];
  const [sy, cy] = [Math.sin(yaw), Math.cos(yaw)];
  const [sz, cz] = [Math.sin(-roll), Math.cos(-roll)];
  const [r00, r01, r02] = [cy * cz + sy * sx * sz, sy * sx * cz - cy * sz, sy * cx];
  return [Math.asin(r02), Math.atan2(sx, cy * cx), Math.atan2(r01, r00)];
}

/**
 * `hh:mm:ss:ff.fff` of a frame.
 * @param frame Counted from 0.
 * @param fps Frames a second.
 */
export function liveLinkTimecode(frame: number, fps: number): string {
  const seconds = Math.floor(frame / fps);
  const part = ((frame % fps) * TIMECODE_FPS) / fps;
  const whole = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const padded = whole.map((value) => String(value).padStart(2, '0'));
  return `${padded.join(':')}:${part.toFixed(3).padStart(6, '0')}`;
}

/** What the gaze shapes say as angles; "out" is away from the nose. */
function eyeAngles(
  read: (name: string) => number,
  side: 'Left' | 'Right',
  gazeDeg: TemplateInfo['gazeDeg'],
): LiveLinkAngles {
  const radians = (name: keyof TemplateInfo['gazeDeg']) =>
    (read(name + side) * gazeDeg[name] * Math.PI) / 180;
  const outwards = radians('eyeLookOut') - radians('eyeLookIn');
  return liveLinkAngles(
    radians('eyeLookDown') - radians('eyeLookUp'),
    side === 'Left' ? outwards : -outwards,
    0,
  );
}
