import { headQuaternion } from '@parley/sdk';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FaceFrames } from '../../src/animate/face-frames.ts';
import { type FaceModelFiles, loadFaceModelFiles } from '../../src/animate/face-model-files.ts';
import { liveLinkAngles, liveLinkTimecode, writeLiveLink } from '../../src/animate/write-live-link.ts';

let model: FaceModelFiles;
beforeAll(async () => {
  model = await loadFaceModelFiles();
  await model.decoder.close();
});

/** One written frame, by column. */
async function row(controls: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const values = Float32Array.from(model.manifest.controls, ({ name }) => controls[name] ?? 0);
  const block: FaceFrames = { startFrame: 0, frames: 1, codes: new Uint8Array(0), controls: values };
  let text = '';
  const write = async (part: string) => {
    text += part;
  };
  await writeLiveLink(write, [block], model);
  const [names = [], cells = []] = text.split('\n').map((line) => line.split(','));
  return Object.fromEntries(names.map((name, i) => [name, Number(cells[i])]));
}

describe('timecodes count sixtieths, as the importers of Unreal and Maya read them', () => {
  test.each([
    [0, 30, '00:00:00:00.000'],
    [1, 30, '00:00:00:02.000'],
    [29, 30, '00:00:00:58.000'],
    [30, 30, '00:00:01:00.000'],
    [30 * 3725 + 7, 30, '01:02:05:14.000'],
    [1, 25, '00:00:00:02.400'],
  ])('frame %d at %d frames a second: %s', (frame, fps, timecode) => {
    expect(liveLinkTimecode(frame, fps)).toBe(timecode);
    const [h = 0, m = 0, s = 0, f = 0] = timecode.split(':').map(Number);
    expect(h * 3600 + m * 60 + s + f / 60).toBeCloseTo(frame / fps, 9);
  });
});

test('the own left is positive yaw, down is positive pitch, a tilt to the own left is positive roll', async () => {
  const head = await row({ headYaw: 0.2, headPitch: 0, headRoll: 0 });
  expect([head.HeadYaw, head.HeadPitch, head.HeadRoll]).toEqual([0.2, 0, 0]);
  expect((await row({ headPitch: 0.1 })).HeadPitch).toBeCloseTo(0.1, 6);
  expect((await row({ headRoll: -0.1 })).HeadRoll).toBeCloseTo(-0.1, 6);

  const toLeft = await row({ eyeLookOutLeft: 0.5, eyeLookInRight: 0.5 });
  expect(toLeft.LeftEyeYaw).toBeGreaterThan(0.1);
  expect(toLeft.RightEyeYaw).toBeGreaterThan(0.1);
  const toRight = await row({ eyeLookInLeft: 0.5, eyeLookOutRight: 0.5 });
  expect(toRight.LeftEyeYaw).toBeLessThan(-0.1);
  expect(toRight.RightEyeYaw).toBeLessThan(-0.1);
  expect((await row({ eyeLookDownLeft: 0.5 })).LeftEyePitch).toBeGreaterThan(0.1);
  expect((await row({ eyeLookUpRight: 0.5 })).RightEyePitch).toBeLessThan(-0.1);
});

test('sides are the face’s own, in the columns of their names', async () => {
  const values = await row({ jawLeft: 0.25, mouthRight: 0.5, eyeBlinkLeft: 0.75 });
  expect(values).toMatchObject({
    BlendShapeCount: 61,
    JawLeft: 0.25,
    JawRight: 0,
    MouthRight: 0.5,
    MouthLeft: 0,
  });
  expect(values).toMatchObject({ EyeBlinkLeft: 0.75, EyeBlinkRight: 0 });
});

describe('angles', () => {
  test('of an eye that looks aside and down: the roll that the app writes', () => {
    const [yaw, pitch, roll] = liveLinkAngles(0.0688, 0.0383, 0);
    expect(Math.tan(roll)).toBeCloseTo(Math.tan(0.0383) * Math.sin(0.0688), 12);
    expect(Math.sin(yaw)).toBeCloseTo(Math.sin(0.0383) * Math.cos(0.0688), 12);
    expect(Math.tan(pitch)).toBeCloseTo(Math.tan(0.0688) / Math.cos(0.0383), 12);
  });

  test.each([
    [0.2, -0.15, 0.1],
    [-0.4, 0.6, -0.3],
    [0.7, 0.7, 0.7],
  ])('pitch %d, yaw %d, roll %d: the same rotation with pitch last', (pitch, yaw, roll) => {
    const ours = [0, 0, 0, 1];
    headQuaternion(pitch, yaw, roll, ours);
    const angles = liveLinkAngles(pitch, yaw, roll);
    const about = (axis: number, angle: number) => {
      const q = [0, 0, 0, Math.cos(angle / 2)];
      q[axis] = Math.sin(angle / 2);
      return q;
    };
    const theirs = times(times(about(0, angles[1]), about(1, angles[0])), about(2, -angles[2]));
    const dot = ours.reduce((sum, value, i) => sum + value * theirs[i]!, 0);
    expect(Math.abs(dot)).toBeCloseTo(1, 9);
  });
});

function times([ax, ay, az, aw]: number[], [bx, by, bz, bw]: number[]): number[] {
  return [
    aw! * bx! + ax! * bw! + ay! * bz! - az! * by!,
    aw! * by! - ax! * bz! + ay! * bw! + az! * bx!,
    aw! * bz! + ax! * by! - ay! * bx! + az! * bw!,
    aw! * bw! - ax! * bx! - ay! * by! - az! * bz!,
  ];
}
