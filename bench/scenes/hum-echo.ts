/**
 * What an open microphone makes of an NPC's hum in the middle of a visitor's turn, in audio time, so that a busy machine gives the same
 * numbers as an idle one: which parts of its echo pass for a voice, and how much of the visitor's voice over it is lost.
 * `npm run hum-echo -w @parley/bench`.
 */
import { SPEECH_RATE_HZ } from '@parley/sdk';
import { createEngines, resample, TIMEOUT_DEFAULTS, type Vad } from '@parley/server';
import { ownFaceManifest } from '../../packages/server/src/room/own-face-manifest.ts';
import { EchoGate } from '../../packages/server/src/turn/echo-gate.ts';
import { type Hum, humWords, makeHums } from '../../packages/server/src/turn/hums.ts';
import { PlayedVoices } from '../../packages/server/src/turn/played-voices.ts';
import { REFLECTIONS } from './scene-visitor.ts';
import { noise } from './sounds.ts';
import { findSpeakers } from './voices.ts';

const PER_MS = 16;
const FRAME = 320;
const FRAME_MS = FRAME / PER_MS;
const VAD_WINDOW = 512;
/** Silence before the visitor speaks, and from a word to the hum, ms. */
const BEFORE_MS = 1_000;
const PAUSE_MS = 400;
/** The room knows of a hum this long before it plays; a verdict is final after so many frames. */
const LEAD_MS = 120;
const VERDICT_FRAMES = 13;
const SPEAKERS = 5;
const DELAYS_MS = [60, 180, 320];
const GAINS_DB = [-10, -16];
/** The visitor goes on so long after the hum began, ms, or never. */
const RESUMES_MS = [50, 250, 700, Number.POSITIVE_INFINITY];

interface Turn {
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly resumeMs: number;
}

interface Count {
  echoWindows: number;
  passed: number;
  ownWindows: number;
  lost: number;
}

async function listen(
  vad: Vad,
  hum: Hum,
  { before, after, resumeMs }: Turn,
  echo: { readonly delayMs: number; readonly gainDb: number },
  count: Count,
): Promise<void> {
  const humAt = before.length + (BEFORE_MS + PAUSE_MS) * PER_MS;
  const length = humAt + 1_600 * PER_MS + after.length;
  const own = new Float32Array(length);
  own.set(before, BEFORE_MS * PER_MS);
  if (Number.isFinite(resumeMs)) own.set(after, humAt + resumeMs * PER_MS);
  const played = Float32Array.from(hum.blocks.flatMap(({ voice }) => [...voice]));
  const returned = new Float32Array(length);
  const voice = resample(played, SPEECH_RATE_HZ, 1000 * PER_MS);
  for (const [lateMs, share] of REFLECTIONS) {
    const from = humAt + Math.round((echo.delayMs + lateMs) * PER_MS);
    for (let i = 0; i < voice.length && from + i < length; i++)
      returned[from + i] += 10 ** (echo.gainDb / 20) * share * voice[i];
  }
  const heard = noise(length, -60, 7).map((sample, i) => sample + own[i] + returned[i]);

  const verdicts = judge(heard, hum, humAt / PER_MS);
  async function* microphone() {
    for (let at = 0; at + FRAME <= length; at += FRAME) yield heard.subarray(at, at + FRAME);
  }
  for await (const { startSample, probability } of vad.detect(microphone(), AbortSignal.timeout(60_000))) {
    const verdict = verdicts[Math.floor(startSample / FRAME)];
    if (probability < 0.5 || verdict === undefined || startSample < humAt) continue;
    const [ownPower, echoPower] = [own, returned].map((pcm) => powerAt(pcm, startSample));
    if (echoPower > 10 * ownPower) {
      count.echoWindows++;
      if (verdict !== 'echo') count.passed++;
    } else if (ownPower > 10 * echoPower) {
      count.ownWindows++;
      if (verdict === 'echo') count.lost++;
    }
  }
}

/** The gate's verdicts, one for each frame. */
function judge(heard: Float32Array, hum: Hum, humMs: number): string[] {
  const played = new PlayedVoices();
  const gate = new EchoGate(played);
  const humEndMs = humMs + 100 * hum.blocks.length;
  const verdicts: string[] = [];
  for (let frame = 0; (frame + 1) * FRAME <= heard.length; frame++) {
    const nowMs = frame * FRAME_MS;
    if (nowMs - FRAME_MS < humMs - LEAD_MS && nowMs >= humMs - LEAD_MS) {
      played.begin('mira', humMs);
      for (const { voice } of hum.blocks) played.add('mira', voice);
    }
    if (nowMs > humEndMs) played.end('mira');
    gate.receive(heard.subarray(frame * FRAME, (frame + 1) * FRAME), nowMs + 30);
    if (frame >= VERDICT_FRAMES) verdicts.push(gate.verdict((frame - VERDICT_FRAMES) * FRAME));
  }
  return verdicts;
}

function powerAt(pcm: Float32Array, at: number): number {
  let sum = 1e-9;
  for (let i = at; i < Math.min(pcm.length, at + VAD_WINDOW); i++) sum += pcm[i] * pcm[i];
  return sum;
}

const engines = await createEngines();
const { codec } = ownFaceManifest();
const hums = await makeHums({
  tts: engines.tts,
  face: engines.face,
  pitch: 1.14,
  words: humWords(true, 'en'),
  codec: { layout: codec, fps: codec.fps, neutral: Uint8Array.from(codec.neutral) },
  timeouts: TIMEOUT_DEFAULTS,
});
const count: Count = { echoWindows: 0, passed: 0, ownWindows: 0, lost: 0 };
const speakers = await findSpeakers(engines.tts);
for (const speaker of speakers.slice(0, SPEAKERS)) {
  const before = await speaker.speak('We came here this morning and I would like to');
  const after = await speaker.speak('see the moon rock over there.');
  for (const hum of hums)
    for (const delayMs of DELAYS_MS)
      for (const gainDb of GAINS_DB)
        for (const resumeMs of RESUMES_MS)
          await listen(engines.vad, hum, { before, after, resumeMs }, { delayMs, gainDb }, count);
}
const { echoWindows, passed, ownWindows, lost } = count;
process.stdout.write(
  `hums of ${hums.map(({ soundsMs }) => soundsMs.toFixed(0)).join(' and ')} ms
windows of 32 ms that sound like a voice: ${echoWindows} of the hum's echo, ${passed} taken for the visitor's
${ownWindows} of the visitor while it plays or later, ${lost} taken for echo\n`,
);
await engines.close();
process.exit(0);
