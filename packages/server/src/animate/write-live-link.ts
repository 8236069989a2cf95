import { controlIndex } from '@parley/sdk';
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
 * Writes frames as they come in the CSV convention of Epic's Live Link Face: a timecode `hh:mm:ss:ff.fff` that begins at
 * zero, the number of values (61), 52 weights, then yaw, pitch and roll of head and eyes in radians. Positive yaw turns to
 * the face's own left, positive pitch down, positive roll tilts to the own left.
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
  await write(`Timecode,BlendshapeCount,${COLUMNS.join(',')}\n`);
  for await (const block of frames)
    for (let frame = 0; frame < block.frames; frame++) {
      const row = block.controls.subarray(frame * size, (frame + 1) * size);
      const read = (name: string) => row[index.get(name) ?? -1] ?? 0;
      const values = [
        ...shapes.map((shape) => row[shape] ?? 0),
        read('headYaw'),
        read('headPitch'),
        read('headRoll'),
        ...eyeAngles(read, 'Left', info.gazeDeg),
        ...eyeAngles(read, 'Right', info.gazeDeg),
      ];
      const cells = values.map((value) => value.toFixed(DECIMALS));
      await write(`${timecode(block.startFrame + frame, fps)},${COLUMNS.length},${cells.join(',')}\n`);
    }
}

/** What the gaze shapes say as yaw, pitch and roll; "out" is away from the nose. */
function eyeAngles(
  read: (name: string) => number,
  side: 'Left' | 'Right',
  gazeDeg: TemplateInfo['gazeDeg'],
): [number, number, number] {
  const radians = (name: keyof TemplateInfo['gazeDeg']) =>
    (read(name + side) * gazeDeg[name] * Math.PI) / 180;
  const outwards = radians('eyeLookOut') - radians('eyeLookIn');
  return [side === 'Left' ? outwards : -outwards, radians('eyeLookDown') - radians('eyeLookUp'), 0];
}

function timecode(frame: number, fps: number): string {
  const seconds = Math.floor(frame / fps);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, frame % fps];
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}.000`;
}
