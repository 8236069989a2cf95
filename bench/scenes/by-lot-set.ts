import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MICROPHONE_RATE_HZ } from '@parley/sdk';
import { readAudio, type Tts } from '@parley/server';
import { createTts } from '../../packages/server/src/engines/create-engines.ts';
import { INTERRUPTIONS } from './interruptions.ts';
import { keep } from './keep.ts';
import { ANSWERS, asLoudAsLivingRoom, type ListeningRow, livingRoom, npcVoice } from './listening-sets.ts';
import type { Loudspeaker } from './overhear.ts';
import { simulatedRoom } from './simulated-rooms.ts';
import { atLoudness, cough, hoarseCough, mmHm, seededRandom, trimmed, VOICE_RMS } from './sounds.ts';
import { findSpeakers } from './voices.ts';

const ROOMS = 40;
const FIRST_ROOM_SEED = 301;
const WITHOUT_ECHO = 160;
const OVER_ECHO = 80;

/**
 * More cases than the tuning set has, drawn by lot from its voices, the second set's and other pieces of the recordings: so many that a
 * threshold which suits a few cases only is seen. Thresholds were chosen by it.
 */
export async function byLotSet(own: Tts): Promise<ListeningRow[]> {
  const random = seededRandom(77);
  const draw = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)];
  const npcs = await Promise.all(ANSWERS.map((text, i) => npcVoice('own', own, text, i % 2 ? 0.9 : 1.14)));
  for (const [k, voice] of ['af_heart', 'bm_george', 'am_puck', 'bf_emma'].entries()) {
    const kokoro = await createTts({ tts: { model: 'kokoro-82m-int8', voice } });
    npcs.push(await npcVoice(voice, kokoro.engine, ANSWERS[k], 1));
    await kokoro.close();
  }
  const voices = await recordedPieces();
  for (const speaker of await findSpeakers(own))
    for (const words of INTERRUPTIONS) {
      const pcm = await keep(['speaker', speaker.name, words], () => speaker.speak(words));
      voices.push({ what: `${speaker.name}: "${words}"`, pcm });
    }
  const rooms = Array.from({ length: ROOMS }, (_, k): Loudspeaker => {
    const { name, response } = simulatedRoom(FIRST_ROOM_SEED + k);
    const delayMs = Math.round(30 + 420 * random());
    return { ...livingRoom(delayMs), ...asLoudAsLivingRoom(name, response) };
  });
  const interruption = (echo: Loudspeaker | null, k: number) => {
    const { what, pcm } = draw(voices);
    const atMs = Math.round(echo ? 900 + 2_500 * random() : 60 * 50 ** random());
    return {
      ...{ what: `${what} at ${atMs} ms${echo ? `, ${echo.roomName}` : ''}`, npc: draw(npcs), echo },
      ...{ noiseDb: -60, seed: 2_000 + k, own: { pcm, atMs, words: 'Wait, what?' } },
    };
  };
  const asides = [
    ...Array.from({ length: 10 }, (_, k) => ({ what: `mm-hm ${110 + k}`, pcm: mmHm(110 + k) })),
    ...Array.from({ length: 5 }, (_, k) => ({ what: `cough ${120 + k}`, pcm: cough(120 + k) })),
    ...Array.from({ length: 5 }, (_, k) => ({ what: `hoarse cough ${130 + k}`, pcm: hoarseCough(130 + k) })),
  ];
  const sounds = (echoes: readonly (Loudspeaker | null)[]) =>
    asides.map(({ what, pcm }, k) => {
      const echo = echoes[k % echoes.length];
      const atMs = Math.round(1_100 + 2_500 * random());
      return {
        ...{ what: `${what} at ${atMs} ms${echo ? `, ${echo.roomName}` : ''}`, npc: draw(npcs), echo },
        ...{ noiseDb: -60, seed: 2_500 + k, own: { pcm, atMs, words: '' } },
      };
    });
  return [
    {
      name: 'own echo at -10 dB',
      kind: 'own',
      cases: rooms.map((echo, k) => ({
        ...{ what: echo.roomName, npc: npcs[k % npcs.length], echo, noiseDb: -62, seed: 2_700 + k },
      })),
    },
    {
      name: 'interruptions, without an echo',
      kind: 'interruption',
      cases: Array.from({ length: WITHOUT_ECHO }, (_, k) => interruption(null, k)),
    },
    {
      name: 'interruptions over the echo',
      kind: 'interruption',
      cases: Array.from({ length: OVER_ECHO }, (_, k) => interruption(rooms[k % ROOMS], 500 + k)),
    },
    { name: 'hums and coughs', kind: 'aside', cases: sounds([null]) },
    { name: 'hums and coughs over the echo', kind: 'aside', cases: sounds(rooms) },
  ];
}

/** Pieces of recorded sentences, from a quarter and three quarters of each on. */
async function recordedPieces(): Promise<{ what: string; pcm: Float32Array }[]> {
  const folder = process.env.PARLEY_SPEECH_DATA;
  if (!folder) return [];
  const files = (await readdir(folder)).filter((file) => file.endsWith('.flac')).sort();
  const pieces: { what: string; pcm: Float32Array }[] = [];
  for (const file of files) {
    const all = trimmed(await readAudio(join(folder, file), MICROPHONE_RATE_HZ));
    for (const share of [0.25, 0.75]) {
      const from = Math.round(share * all.length);
      const pcm = trimmed(all.slice(from, from + 24_000));
      pieces.push({ what: `${file} from ${share} on`, pcm: atLoudness(pcm, VOICE_RMS) });
    }
  }
  return pieces;
}
