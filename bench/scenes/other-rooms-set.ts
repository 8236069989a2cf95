import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MICROPHONE_RATE_HZ, SPEECH_RATE_HZ } from '@parley/sdk';
import { readAudio, resample, type Tts } from '@parley/server';
import { createTts } from '../../packages/server/src/engines/create-engines.ts';
import { asLoudAsLivingRoom, drawnOut, type ListeningRow, livingRoom, npcVoice } from './listening-sets.ts';
import type { Loudspeaker } from './overhear.ts';
import { simulatedRoom } from './simulated-rooms.ts';
import { atLoudness, concat, cough, hoarseCough, mmHm, silence, trimmed, VOICE_RMS } from './sounds.ts';
import { findSpeakers, type Speaker } from './voices.ts';

const ANSWERS = [
  'Rain comes from the sea, mostly. The wind carries it over the hills, and in the evening it falls on our roofs and gardens.',
  'Thank you for asking. My favourite is the small blue clock, because nobody knows who built it or why it runs backwards.',
  'Go through the arch, keep to your right, and you will find the reading room behind the second door after the stairs.',
  'We had forty thousand visitors last year. Most of them came on Sundays, so I would choose a quiet Thursday morning.',
  'A meteorite is a stone that fell from the sky. This one is heavier than it looks, please lift it with both hands.',
  'Of course. Some people think that the painting is unfinished, but the artist himself always said that it was done.',
];
const INTERRUPTIONS = [
  'Hold on a second.',
  'Which door did you say?',
  'Five is too early for me.',
  'Can we see the garden?',
  'Never mind the clock.',
  'Mira, I have to go.',
];
const DELAYS_MS = [30, 70, 110, 150, 210, 270, 340, 420];
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

/**
 * Rooms drawn by lot, other delays, and voices of none of the other sets (two of Kokoro's, the server's own at other pitches, flite's, a reader in
 * the middle of her sentences), which say other words. Nothing was chosen by what a listener makes of it.
 */
export async function otherRoomsSet(own: Tts): Promise<ListeningRow[]> {
  const bella = await createTts({ tts: { model: 'kokoro-82m-int8', voice: 'af_bella' } });
  const michael = await createTts({ tts: { model: 'kokoro-82m-int8', voice: 'am_michael' } });
  try {
    const npcs = [
      await npcVoice('af_bella', bella.engine, ANSWERS[0], 1),
      await npcVoice('am_michael', michael.engine, ANSWERS[1], 1),
      await npcVoice('own', own, ANSWERS[2], 1),
      await npcVoice('af_bella', bella.engine, ANSWERS[3], 0.94),
      await npcVoice('am_michael', michael.engine, ANSWERS[4], 1.1),
      await npcVoice('own', own, ANSWERS[5], 1.06),
    ];
    const kokoro = (name: string, tts: Tts, pitch: number): Speaker => ({
      name: `${name} × ${pitch}`,
      speak: async (text) => {
        const pcm = resample(await npcVoice(name, tts, text, pitch), SPEECH_RATE_HZ, MICROPHONE_RATE_HZ);
        return atLoudness(trimmed(pcm), VOICE_RMS);
      },
    });
    const speakers = [
      kokoro('af_bella', bella.engine, 1.05),
      kokoro('am_michael', michael.engine, 0.95),
      kokoro('own', own, 0.9),
      ...(await findSpeakers(own)).filter(({ name }) => name.startsWith('flite')),
    ];
    const voices: { readonly what: string; readonly pcm: Float32Array; readonly words: string }[] = [];
    for (const [k, words] of INTERRUPTIONS.entries())
      for (let n = 0; n < 4; n++) {
        const speaker = speakers[(k + 2 * n) % speakers.length];
        voices.push({ what: `${speaker.name}: "${words}"`, pcm: await speaker.speak(words), words });
      }
    voices.push(...(await middles()));
    const echoes = SEEDS.map((seed, k): Loudspeaker => {
      const { name, response } = simulatedRoom(seed);
      return { ...livingRoom(DELAYS_MS[k]), ...asLoudAsLivingRoom(name, response) };
    });
    const asides = [
      ...[51, 52, 53, 54, 55, 56].map((seed) => ({ what: `mm-hm ${seed}`, pcm: mmHm(seed) })),
      ...[0.9, 1.1, 1.25].map((pitch, k) => ({ what: `long hum ${k}`, pcm: longHum(61 + k, pitch) })),
      ...[71, 72, 73].map((seed) => ({ what: `cough ${seed}`, pcm: cough(seed) })),
      ...[81, 82, 83, 84].map((seed) => ({ what: `hoarse cough ${seed}`, pcm: hoarseCough(seed) })),
      { what: 'coughs 91, 92', pcm: concat(cough(91), silence(300), cough(92)) },
    ];
    const over = (echo: boolean, k: number) => (echo ? echoes[k % echoes.length] : null);
    const interruptions = (echo: boolean) =>
      voices.map(({ what, pcm, words }, k) => ({
        ...{ what: echo ? `${what}, ${over(echo, k)?.roomName}` : what, npc: npcs[(k + 1) % npcs.length] },
        ...{ echo: over(echo, k), noiseDb: -60, seed: 1_500 + k },
        own: { pcm, atMs: echo ? 1_100 + 270 * (k % 8) : [120, 500, 1_100, 1_900][k % 4], words },
      }));
    const sounds = (echo: boolean) =>
      asides.map(({ what, pcm }, k) => ({
        ...{ what: echo ? `${what}, ${over(echo, k)?.roomName}` : what, npc: npcs[k % npcs.length] },
        ...{ echo: over(echo, k), noiseDb: -60, seed: 1_700 + k },
        own: { pcm, atMs: 1_200 + 190 * k, words: '' },
      }));
    const echo = echoes.flatMap((loudspeaker, room) =>
      npcs.map((npc, k) => ({
        ...{ what: `${loudspeaker.roomName}, answer ${k}`, npc, echo: loudspeaker },
        ...{ noiseDb: -62, seed: 1_900 + 10 * room + k },
      })),
    );
    return [
      { name: 'own echo at -10 dB', kind: 'own', cases: echo },
      { name: 'interruptions, without an echo', kind: 'interruption', cases: interruptions(false) },
      { name: 'interruptions over the echo', kind: 'interruption', cases: interruptions(true) },
      { name: 'hums and coughs', kind: 'aside', cases: sounds(false) },
      { name: 'hums and coughs over the echo', kind: 'aside', cases: sounds(true) },
    ];
  } finally {
    await Promise.all([bella.close(), michael.close()]);
  }
}

/** What a reader says from the middle of each recording on. */
async function middles(): Promise<{ what: string; pcm: Float32Array; words: string }[]> {
  const folder = process.env.PARLEY_SPEECH_DATA;
  if (!folder) return [];
  const files = (await readdir(folder)).filter((file) => file.endsWith('.flac')).sort();
  return Promise.all(
    files.map(async (file) => {
      const all = trimmed(await readAudio(join(folder, file), MICROPHONE_RATE_HZ));
      const pcm = trimmed(all.slice(all.length >> 1, (all.length >> 1) + 24_000));
      return { what: `middle of ${file}`, pcm: atLoudness(pcm, VOICE_RMS), words: 'Wait, what?' };
    }),
  );
}

/** "Mmmm": the first murmur of an "mm-hm", drawn out. */
function longHum(seed: number, pitch: number): Float32Array {
  const murmur = resample(
    mmHm(seed).slice(480, 2_560),
    Math.round((MICROPHONE_RATE_HZ * pitch) / 250) * 250,
    MICROPHONE_RATE_HZ,
  );
  return atLoudness(drawnOut(murmur, 500), 0.06);
}
