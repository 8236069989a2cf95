/**
 * What it costs to tell an NPC's echo from a visitor, per second of a microphone while an NPC speaks, beside what the voice detector costs
 * in the same run: `npm run ears-cost -w @parley/bench`.
 */
import { createTts } from '../../packages/server/src/engines/create-engines.ts';
import { SileroVad } from '../../packages/server/src/engines/vad/silero-vad.ts';
import { EchoGate } from '../../packages/server/src/turn/echo-gate.ts';
import { PlayedVoices } from '../../packages/server/src/turn/played-voices.ts';
import { resolveWeights } from '../../packages/server/src/weights/index.ts';
import { type ListeningRow, tuningSet } from './listening-sets.ts';
import { decodedByClients, detect, microphone } from './overhear.ts';

const ROWS = ['own echo at -10 dB', 'own echo, rooms by lot', 'interruptions, without an echo'];
const CASES = 8;
const BEFORE_MS = 1_000;

const vad = await SileroVad.load((await resolveWeights(['silero-vad'])).get('silero-vad')!);
const tts = await createTts();
const rows = (await tuningSet(tts.engine)).filter(({ name }) => ROWS.includes(name));
await tts.close();
// The first time is the compiler's.
for (const row of rows) await measure(row);
for (const row of rows) {
  const { audioMs, earsMs, detectorMs } = await measure(row);
  const share = (ms: number) => `${((100 * ms) / audioMs).toFixed(2)} %`;
  process.stdout.write(
    `${row.name.padEnd(34)} ${share(earsMs)} of a core, the voice detector ${share(detectorMs)}\n`,
  );
}
await vad.close();

async function measure({ cases }: ListeningRow) {
  const sums = { audioMs: 0, earsMs: 0, detectorMs: 0 };
  for (const heard of cases.slice(0, CASES)) {
    const frames = Math.floor((BEFORE_MS + heard.npc.length / 24) / 20);
    const pcm = await microphone(heard, frames);
    const played = new PlayedVoices();
    played.begin('npc', BEFORE_MS);
    played.add('npc', decodedByClients(heard.npc));
    const gate = new EchoGate(played);
    const receive = (frame: number) =>
      gate.receive(pcm.subarray(frame * 320, (frame + 1) * 320), (frame + 1) * 20 + 5);
    const quiet = BEFORE_MS / 20;
    for (let frame = 0; frame < quiet; frame++) receive(frame);
    const began = process.cpuUsage();
    for (let frame = quiet; frame < frames; frame++) receive(frame);
    sums.earsMs += process.cpuUsage(began).user / 1000;
    const then = process.cpuUsage();
    await detect(vad, pcm.subarray(quiet * 320));
    sums.detectorMs += process.cpuUsage(then).user / 1000;
    sums.audioMs += (frames - quiet) * 20;
  }
  return sums;
}
