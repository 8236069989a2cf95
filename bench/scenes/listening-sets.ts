import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MICROPHONE_RATE_HZ, SPEECH_RATE_HZ } from '@parley/sdk';
import { readAudio, resample, type Tts } from '@parley/server';
import { createTts } from '../../packages/server/src/engines/create-engines.ts';
import { INTERRUPTIONS } from './interruptions.ts';
import { keep } from './keep.ts';
import type { Loudspeaker, OverheardCase } from './overhear.ts';
import { REFLECTIONS } from './scene-visitor.ts';
import { simulatedRoom } from './simulated-rooms.ts';
import { atLoudness, concat, cough, hoarseCough, mmHm, silence, trimmed, VOICE_RMS } from './sounds.ts';
import { findSpeakers } from './voices.ts';

/** Cases of one kind: `own` no reaction to the echo, `interruption` a lowered voice in time, `aside` no reaction to what is no word. */
export interface ListeningRow {
  readonly name: string;
  readonly kind: 'own' | 'interruption' | 'aside';
  readonly cases: readonly (OverheardCase & { readonly what: string })[];
}

export const ANSWERS = [
  'The orrery in the middle of the hall weighs four tonnes and shows all planets out to Neptune. The telescope is on the roof.',
  'You can see the moon rock in the glass case on the left. The pool of stars is behind me, and there is a cafe upstairs.',
  'A ticket costs eight euros, and children under twelve come in free. We are open from ten in the morning until six.',
  'Edwin Orion founded this hall in nineteen twelve, after he had sailed around the world with a brass sextant.',
  'Hello and welcome to Orion Hall! I am Mira, your guide. Ask me about the orrery, the telescope or the moon rock.',
  'I am afraid I do not know that. But if you like, I can tell you about the brightest star in the sky, which is Sirius.',
];
/** Words of the held-out set: more soft beginnings than people have. */
const OTHER_INTERRUPTIONS = [
  'Stay with the planets, please.',
  'Fine, and the cafe?',
  'Hey, what is that over there?',
  'She told me something else.',
  'But is it open now?',
  'That is enough, thank you.',
];
const DELAYS_MS = [40, 60, 120, 180, 250, 320, 450];
const ECHO_DB = -10;
/** Rooms drawn by lot. */
const ROOM_SEEDS = Array.from({ length: 16 }, (_, k) => 101 + k);

/** The set on which thresholds were chosen: the server's voice at three pitches, and flite's. */
export async function tuningSet(tts: Tts): Promise<ListeningRow[]> {
  const speakers = await findSpeakers(tts);
  const answers = await Promise.all(ANSWERS.map((text, i) => npcVoice('own', tts, text, i % 2 ? 0.9 : 1.14)));
  const speak = (k: number, text: string) => {
    const speaker = speakers[k % speakers.length];
    return keep(['speaker', speaker.name, text], () => speaker.speak(text));
  };
  let i = 0;
  const own = DELAYS_MS.flatMap((delayMs) =>
    answers.map((npc, k) => ({
      ...{ what: `${delayMs} ms, answer ${k}`, npc, echo: livingRoom(delayMs), noiseDb: -65, seed: i++ },
    })),
  );
  const interruptions = (places: readonly { readonly atMs: number; readonly echo: Loudspeaker | null }[]) =>
    Promise.all(
      places.flatMap(({ atMs, echo }) =>
        INTERRUPTIONS.map(async (words, k) => {
          const seed = ++i;
          const pcm = await speak(k + seed, words);
          const what = `${speakers[(k + seed) % speakers.length].name}: "${words}" at ${atMs} ms`;
          return {
            what,
            npc: answers[seed % answers.length],
            echo,
            noiseDb: -60,
            seed,
            own: { pcm, atMs, words },
          };
        }),
      ),
    );
  const rooms = ROOM_SEEDS.map((seed, k): Loudspeaker => {
    const { name, response } = simulatedRoom(seed);
    return { ...livingRoom(DELAYS_MS[k % DELAYS_MS.length]), ...asLoudAsLivingRoom(name, response) };
  });
  const sounds: [string, Float32Array][] = [
    ['mm-hm 1', mmHm(1)],
    ['mm-hm 9', mmHm(9)],
    ['mm-hm 14', mmHm(14)],
    ['cough 2', cough(2)],
    ['coughs 6, 7', concat(cough(6), silence(250), cough(7))],
    ['cough 8', cough(8)],
  ];
  const asides = (echo: Loudspeaker | null) =>
    sounds.map(([what, pcm], k) => ({
      ...{ what, npc: answers[k % answers.length], echo, noiseDb: -60, seed: i++ },
      own: { pcm, atMs: 1_500 + 310 * k, words: '' },
    }));
  return [
    { name: 'own echo at -10 dB', kind: 'own', cases: own },
    {
      name: 'interruptions, without an echo',
      kind: 'interruption',
      cases: await interruptions([100, 400, 800, 1200, 2200, 3000].map((atMs) => ({ atMs, echo: null }))),
    },
    {
      name: 'interruptions over the echo',
      kind: 'interruption',
      cases: await interruptions(
        [60, 140, 220, 300].map((delayMs, k) => ({ atMs: 1000 + 700 * k, echo: livingRoom(delayMs) })),
      ),
    },
    { name: 'hums and coughs', kind: 'aside', cases: asides(null) },
    { name: 'hums and coughs over the echo', kind: 'aside', cases: asides(livingRoom(140)) },
    {
      name: 'own echo, rooms by lot',
      kind: 'own',
      cases: rooms.map((echo, k) => {
        const npc = answers[k % answers.length];
        return { what: `${echo.roomName}, answer ${k % answers.length}`, npc, echo, noiseDb: -65, seed: i++ };
      }),
    },
    {
      name: 'interruptions over it',
      kind: 'interruption',
      cases: (await interruptions(rooms.map((echo, k) => ({ atMs: 900 + 310 * (k % 7), echo })))).filter(
        (_, k) => k % 5 === 0,
      ),
    },
  ];
}

/**
 * Other cases: another NPC, other words and voices (Kokoro's and, with `PARLEY_SPEECH_DATA`, twenty pieces of a
 * reader's recordings), coughs made in another way, hums drawn out from her "m", and four measured rooms.
 */
export async function heldOutSet(): Promise<ListeningRow[]> {
  const kokoro = await Promise.all(
    ['am_puck', 'bf_emma', 'af_heart', 'bm_george'].map(async (voice) => ({
      voice,
      ...(await createTts({ tts: { model: 'kokoro-82m-int8', voice } })),
    })),
  );
  try {
    const npcs: Float32Array[] = [];
    for (const [k, text] of ANSWERS.slice(0, 4).entries()) {
      const { voice, engine } = kokoro[(k + 2) % 4];
      npcs.push(await npcVoice(voice, engine, text, 1));
    }
    const speak = async (voice: string, engine: Tts, text: string) =>
      atLoudness(
        trimmed(resample(await npcVoice(voice, engine, text, 1), SPEECH_RATE_HZ, 16_000)),
        VOICE_RMS,
      );
    const voices: { readonly what: string; readonly pcm: Float32Array }[] = [];
    for (const [k, words] of OTHER_INTERRUPTIONS.entries())
      for (const { voice, engine } of [kokoro[k % 4], kokoro[(k + 1) % 4]])
        voices.push({ what: `${voice}: "${words}"`, pcm: await speak(voice, engine, words) });
    voices.push(...(await recordings()));
    const rooms = await measuredRooms();
    const echoes = [80, 160, 240, 360].map((delayMs, k) => ({
      ...livingRoom(delayMs),
      ...rooms[k % rooms.length],
    }));
    const hums = [...(await recordedHums())];
    for (const seed of [21, 22, 23, 24]) hums.push({ what: `mm-hm ${seed}`, pcm: mmHm(seed) });
    const coughs = [31, 32, 33, 34, 35, 36, 37, 38].map((seed) => ({
      what: `cough ${seed}`,
      pcm: hoarseCough(seed),
    }));
    const quiet = voices.map(({ what, pcm }, k) => ({
      ...{ what, npc: npcs[k % npcs.length], echo: null, noiseDb: -60, seed: 500 + k },
      own: { pcm, atMs: [150, 600, 1_300, 2_600][k % 4], words: 'Wait, what?' },
    }));
    const over = voices.map(({ what, pcm }, k) => ({
      ...{ what, npc: npcs[(k + 1) % npcs.length], echo: echoes[k % 4], noiseDb: -60, seed: 600 + k },
      own: { pcm, atMs: 1_200 + 230 * (k % 9), words: 'Wait, what?' },
    }));
    const asides = (echo: boolean) =>
      [...hums, ...coughs].map(({ what, pcm }, k) => ({
        ...{
          what,
          npc: npcs[k % npcs.length],
          echo: echo ? echoes[k % 4] : null,
          noiseDb: -60,
          seed: 700 + k,
        },
        own: { pcm, atMs: 1_300 + 170 * k, words: '' },
      }));
    const own = echoes.flatMap((echo) =>
      npcs.map((npc, k) => ({ what: `${echo.roomName}, ${k}`, npc, echo, noiseDb: -62, seed: 800 + k })),
    );
    return [
      { name: 'own echo at -10 dB', kind: 'own', cases: own },
      { name: 'interruptions, without an echo', kind: 'interruption', cases: quiet },
      { name: 'interruptions over the echo', kind: 'interruption', cases: over },
      { name: 'hums and coughs', kind: 'aside', cases: asides(false) },
      { name: 'hums and coughs over the echo', kind: 'aside', cases: asides(true) },
    ];
  } finally {
    await Promise.all(kokoro.map((voice) => voice.close()));
  }
}

export function livingRoom(delayMs: number): Loudspeaker {
  const room = REFLECTIONS.map(([lateMs, share]) => [lateMs * 16, share] as const);
  return { gainDb: ECHO_DB, delayMs, roomName: 'living room', room };
}

/** A quarter of a second of each response, of the energy of the living room's. */
async function measuredRooms(): Promise<Pick<Loudspeaker, 'room' | 'roomName'>[]> {
  const folder = process.env.PARLEY_SPEECH_DATA;
  if (!folder) return [livingRoom(0)];
  return Promise.all(
    ['rir1', 'rir2', 'rir3', 'rir4'].map(async (name) => {
      const response = await readAudio(join(folder, `${name}.wav`), MICROPHONE_RATE_HZ);
      const peak = response.reduce(
        (best, value, at) => (Math.abs(value) > Math.abs(response[best]) ? at : best),
        0,
      );
      return asLoudAsLivingRoom(name, response.subarray(Math.max(0, peak - 16), peak + 4_000));
    }),
  );
}

/** A room's response of the energy of the living room's. */
export function asLoudAsLivingRoom(
  roomName: string,
  response: Float32Array,
): Pick<Loudspeaker, 'room' | 'roomName'> {
  const energy = livingRoom(0).room.reduce((sum, [, share]) => sum + share * share, 0);
  const taps = [...response];
  const gain = Math.sqrt(energy / taps.reduce((sum, tap) => sum + tap * tap, 0));
  return { roomName, room: taps.map((tap, at) => [at, gain * tap] as const) };
}

/** The beginnings of recorded sentences. */
async function recordings(): Promise<{ what: string; pcm: Float32Array }[]> {
  const folder = process.env.PARLEY_SPEECH_DATA;
  if (!folder) return [];
  const files = (await readdir(folder)).filter((file) => file.endsWith('.flac')).sort();
  return Promise.all(
    files.map(async (file) => {
      const pcm = trimmed(await readAudio(join(folder, file), MICROPHONE_RATE_HZ)).slice(0, 24_000);
      return { what: file, pcm: atLoudness(pcm, VOICE_RMS) };
    }),
  );
}

/** Hums of a reader: the longest "m" of her recordings, each drawn out to 350 ms. */
async function recordedHums(): Promise<{ what: string; pcm: Float32Array }[]> {
  const folder = process.env.PARLEY_SPEECH_DATA;
  if (!folder) return [];
  const phones = gunzipSync(await readFile(join(folder, 'lj_phones.tsv.gz'))).toString();
  const files = (await readdir(folder)).filter((file) => file.endsWith('.flac')).sort();
  const hums: { what: string; pcm: Float32Array }[] = [];
  for (const file of files) {
    const line = phones.match(new RegExp(`^${basename(file, '.flac')}\\t(.*)$`, 'mu'));
    let ms = 0;
    for (const [name, length] of (line?.[1] ?? '').split(' ').map((phone) => phone.split(':'))) {
      const durationMs = Number(length);
      if (name === 'M' && durationMs >= 100) {
        const pcm = await readAudio(join(folder, file), MICROPHONE_RATE_HZ);
        const murmur = pcm.subarray((ms + 0.3 * durationMs) * 16, (ms + 0.8 * durationMs) * 16);
        hums.push({ what: `"m" of ${file} at ${ms} ms`, pcm: atLoudness(drawnOut(murmur, 350), 0.06) });
      }
      ms += durationMs;
    }
  }
  return hums;
}

/** Repeats a sound, each time faded into the next at a place that fits, and swells it as a hum does. */
export function drawnOut(sound: Float32Array, durationMs: number): Float32Array {
  const out = new Float32Array(durationMs * 16);
  const fade = 160;
  let length = 0;
  while (length < out.length) {
    let best = 0;
    let bestSum = Number.NEGATIVE_INFINITY;
    for (let from = 0; length > 0 && from < Math.min(200, sound.length - 2 * fade); from++) {
      let sum = 0;
      for (let i = 0; i < fade; i++) sum += out[length - fade + i] * sound[from + i];
      if (sum > bestSum) [best, bestSum] = [from, sum];
    }
    const at = Math.max(0, length - fade);
    for (let i = 0; best + i < sound.length && at + i < out.length; i++) {
      const share = length > 0 && i < fade ? i / fade : 1;
      out[at + i] = share * sound[best + i] + (1 - share) * out[at + i];
    }
    length = at + sound.length - best;
  }
  return out.map((sample, i) => sample * Math.sin((Math.PI * i) / out.length) ** 0.4);
}

export function npcVoice(voice: string, tts: Tts, text: string, pitch: number): Promise<Float32Array> {
  return keep(['npc', voice, text, pitch], async () => {
    async function* clauses() {
      yield text;
    }
    const samples: number[] = [];
    for await (const { pcm, rateHz } of tts.speak(clauses(), AbortSignal.timeout(240_000)))
      for (const sample of resample(pcm, Math.round((rateHz * pitch) / 250) * 250, SPEECH_RATE_HZ))
        samples.push(sample);
    return Float32Array.from(samples);
  });
}
