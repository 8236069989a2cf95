import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodeFaceDecoder } from '../../src/decoder/decoder-node.ts';
import {
  type FaceDecoder,
  FaceTrack,
  frameSamples,
  type IdleLoop,
  loadIdleLoop,
  readSpeechPacket,
  type SpeechPacket,
  type UtteranceMessage,
  writeSpeechPacket,
} from '../../src/index.ts';
import { realFile, realManifest, realPath } from '../real-export.ts';

const manifest = realManifest();
const { heads, classes, fps, window, neutral } = manifest.codec;
const controls = manifest.controls.length;
let decoder: FaceDecoder;
let idle: IdleLoop;
/** Codes that the model itself made, to stand for an utterance: frames x heads. */
const codes = realFile(manifest, 'idle').subarray(0, 90 * heads);

beforeAll(async () => {
  decoder = await createNodeFaceDecoder({ manifest, modelPath: realPath(manifest, 'decoder') });
  idle = await loadIdleLoop(realFile(manifest, 'idle'), manifest, decoder);
});

afterAll(() => decoder?.close());

const message: UtteranceMessage = {
  npc: 'mira',
  utterance: 1,
  rateHz: 24_000,
  codec: 'opus',
  startMs: 0,
  fps,
  heads,
  classes,
};

/** Block n as it comes off the wire. */
function wire(n: number, codesOnly = false): SpeechPacket {
  const frames = codes.slice(3 * n * heads, 3 * (n + 1) * heads);
  const packet = {
    first: n === 0,
    last: n === 29,
    codesOnly,
    npcIndex: 0,
    utterance: 1,
    startSample: 2400 * n,
    codes: frames,
    codeFrames: 3,
    audio: codesOnly ? [] : Array.from({ length: 5 }, () => new Uint8Array(60)),
  };
  return readSpeechPacket(writeSpeechPacket(packet, manifest.codec), manifest.codec);
}

async function hear(packets: SpeechPacket[]): Promise<FaceTrack> {
  const track = new FaceTrack({ manifest, decoder, idle });
  track.begin(message);
  for (const packet of packets) {
    track.push(packet);
    await track.settled();
  }
  return track;
}

test('one frame at a time through the track gives what the model makes of the whole utterance', async () => {
  const frames = codes.length / heads;
  const windows = new Int32Array(frames * window * heads);
  for (let frame = 0; frame < frames; frame++)
    for (let w = 0; w < window; w++) {
      const from = frame - window + 1 + w;
      windows.set(
        from < 0 ? neutral : codes.subarray(from * heads, (from + 1) * heads),
        (frame * window + w) * heads,
      );
    }
  const whole = await decoder.decode(windows, frames);
  const track = await hear(Array.from({ length: 30 }, (_, n) => wire(n)));
  const out = new Float32Array(controls);
  for (let ms = -300; ms < 0; ms += 16) track.sampleControls(ms, out);
  for (let frame = 0; frame < frames - 1; frame++) {
    track.sampleControls(track.roomMsAt(1, frame * frameSamples(fps))!, out);
    out.forEach((value, control) => {
      expect(Math.abs(value - whole[frame * controls + control])).toBeLessThan(1e-4);
    });
  }
});

test('who joins in the middle, as the protocol serves them, sees the same face from the first frame on', async () => {
  const early = await hear(Array.from({ length: 30 }, (_, n) => wire(n)));
  // Joined at sample 38 000, in block 15: blocks that ended within the window come as codes only.
  const joinSample = 38_000;
  const sent: SpeechPacket[] = [];
  for (let n = 0; n < 30; n++) {
    const endSample = 2400 * (n + 1);
    if (endSample <= joinSample - window * frameSamples(fps)) continue;
    sent.push(wire(n, endSample <= joinSample));
  }
  const late = await hear(sent);
  const a = new Float32Array(controls);
  const b = new Float32Array(controls);
  early.sampleControls(joinSample / 24 - 17, a);
  let worst = 0;
  for (let ms = joinSample / 24; ms < 3_000; ms += 1000 / 60) {
    early.sampleControls(ms, a);
    late.sampleControls(ms, b);
    a.forEach((value, control) => {
      worst = Math.max(worst, Math.abs(value - b[control]));
    });
  }
  expect(worst).toBeLessThan(1e-5);
});
