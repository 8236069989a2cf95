/**
 * What a listener makes of an open microphone while an NPC speaks, in audio time: real voices, Silero, Opus both ways and a room's echo, but no
 * clock, so that a busy machine gives the same numbers as an idle one. `npm run listening`.
 */
import { Decoder, Encoder } from '@evan/opus';
import { MICROPHONE_RATE_HZ, SPEECH_RATE_HZ } from '@parley/sdk';
import { createEngines, type Engines, resample, TIMEOUT_DEFAULTS } from '@parley/server';
import { EchoGate } from '../../packages/server/src/turn/echo-gate.ts';
import { Listener } from '../../packages/server/src/turn/listener.ts';
import { PlayedVoices } from '../../packages/server/src/turn/played-voices.ts';
import { percentile } from '../percentile.ts';
import { REFLECTIONS } from './scene-visitor.ts';
import { concat, cough, mmHm, noise, silence, voiceSpan } from './sounds.ts';
import { findSpeakers } from './voices.ts';

const ANSWERS = [
  'The orrery in the middle of the hall weighs four tonnes and shows all planets out to Neptune. The telescope is on the roof.',
  'You can see the moon rock in the glass case on the left. The pool of stars is behind me, and there is a cafe upstairs.',
  'A ticket costs eight euros, and children under twelve come in free. We are open from ten in the morning until six.',
  'Edwin Orion founded this hall in nineteen twelve, after he had sailed around the world with a brass sextant.',
  'Hello and welcome to Orion Hall! I am Mira, your guide. Ask me about the orrery, the telescope or the moon rock.',
  'I am afraid I do not know that. But if you like, I can tell you about the brightest star in the sky, which is Sirius.',
];
const INTERRUPTIONS = [
  'Wait, what about Monday?',
  'Stop, please.',
  'Excuse me, where are the toilets?',
  'No, I meant the telescope.',
  'Sorry, how much is a ticket?',
  'Hold on, who built it?',
];
const FRAME = 320;
const FRAME_MS = 20;
/** Silence before the NPC speaks, ms. */
const BEFORE_MS = 1_000;
const BARGE_IN_MS = 250;

interface Case {
  readonly npc: Float32Array;
  readonly echo: { readonly gainDb: number; readonly delayMs: number } | null;
  readonly noiseDb: number;
  /** What the visitor utters, and how long after the NPC began, ms. */
  readonly own?: { readonly pcm: Float32Array; readonly atMs: number; readonly words: string };
  readonly seed: number;
}

interface Heard {
  /** From the visitor's first sound to the lowered voice, microphone time, ms. */
  readonly reactedMs: number;
  readonly early: boolean;
  readonly events: readonly string[];
}

const engines = await createEngines();
const speakers = await findSpeakers(engines.tts);
const answers = await Promise.all(ANSWERS.map((text, i) => npcVoice(engines, text, i % 2 ? 0.9 : 1.14)));

let i = 0;
const table: [name: string, right: number, of: number, times: number[]][] = [];
const own: boolean[] = [];
for (const delayMs of [40, 60, 120, 180, 250, 320, 450])
  for (const npc of answers) {
    const { events } = await listen({ npc, echo: { gainDb: -10, delayMs }, noiseDb: -65, seed: i++ });
    own.push(events.every((event) => event === 'turn'));
  }
table.push(['own echo at -10 dB, no reaction', own.filter(Boolean).length, own.length, []]);

for (const [name, places] of [
  ['interruptions, without an echo', [100, 400, 800, 1200, 2200, 3000].map((atMs) => ({ atMs, echo: null }))],
  [
    'interruptions over the echo',
    [60, 140, 220, 300].map((delayMs, k) => ({ atMs: 1000 + 700 * k, echo: { gainDb: -10, delayMs } })),
  ],
] as const) {
  const times: number[] = [];
  let right = 0;
  for (const { atMs, echo } of places)
    for (const [k, words] of INTERRUPTIONS.entries()) {
      const pcm = await speakers[(k + ++i) % speakers.length].speak(words);
      const npc = answers[i % answers.length];
      const heard = await listen({ npc, echo, noiseDb: -60, seed: i, own: { pcm, atMs, words } });
      times.push(heard.reactedMs);
      if (!heard.early && heard.reactedMs <= BARGE_IN_MS) right++;
    }
  table.push([name, right, times.length, times]);
}

for (const echo of [null, { gainDb: -10, delayMs: 140 }]) {
  let right = 0;
  const sounds = [mmHm(1), mmHm(9), mmHm(14), cough(2), concat(cough(6), silence(250), cough(7)), cough(8)];
  for (const [k, pcm] of sounds.entries()) {
    const npc = answers[k % answers.length];
    const atMs = 1_500 + 310 * k;
    const { events } = await listen({ npc, echo, noiseDb: -60, seed: i++, own: { pcm, atMs, words: '' } });
    if (!events.includes('suspect') && !events.includes('confirm')) right++;
  }
  table.push([`hums and coughs${echo ? ' over the echo' : ''}, no reaction`, right, sounds.length, []]);
}

for (const [name, right, of, times] of table) {
  const finite = times.filter(Number.isFinite);
  const spread =
    finite.length > 0
      ? `p50 ${percentile(finite, 0.5).toFixed(0)}, p95 ${percentile(finite, 0.95).toFixed(0)}, max ${Math.max(...finite).toFixed(0)} ms`
      : '';
  process.stdout.write(`${name.padEnd(46)} ${`${right}/${of}`.padStart(6)}  ${spread}\n`);
}
await engines.close();

async function npcVoice({ tts }: Engines, text: string, pitch: number): Promise<Float32Array> {
  async function* clauses() {
    yield text;
  }
  const samples: number[] = [];
  for await (const { pcm, rateHz } of tts.speak(clauses(), AbortSignal.timeout(120_000)))
    for (const sample of resample(pcm, Math.round((rateHz * pitch) / 250) * 250, SPEECH_RATE_HZ))
      samples.push(sample);
  return Float32Array.from(samples);
}

/** Opus there and back, a frame of 20 ms at a time. */
function throughOpus(rateHz: 16_000 | 24_000): (pcm: Float32Array) => Float32Array {
  const encoder = new Encoder({ channels: 1, sample_rate: rateHz, application: 'voip' });
  encoder.bitrate = 24_000;
  const decoder = new Decoder({ channels: 1, sample_rate: rateHz });
  return (pcm) => {
    const coded = Int16Array.from(pcm, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32_767));
    const bytes = decoder.decode(encoder.encode(coded).slice()).slice();
    return Float32Array.from(new Int16Array(bytes.buffer, 0, bytes.length >> 1), (sample) => sample / 32_768);
  };
}

function playedAt16kHz(npc: Float32Array): Float32Array {
  const code = throughOpus(24_000);
  const out = new Float32Array(npc.length);
  for (let at = 0; at + 480 <= npc.length; at += 480) out.set(code(npc.subarray(at, at + 480)), at);
  return resample(out, SPEECH_RATE_HZ, MICROPHONE_RATE_HZ);
}

/** Feeds a listener frame by frame; the next comes when the detector is through with the one before. */
async function listen({ npc, echo, noiseDb, own: visitor, seed }: Case): Promise<Heard> {
  const heard = playedAt16kHz(npc);
  const npcMs = heard.length / 16;
  const onset = visitor
    ? BEFORE_MS + visitor.atMs + voiceSpan(visitor.pcm).start / 16
    : Number.POSITIVE_INFINITY;
  const background = noise(5 * MICROPHONE_RATE_HZ, noiseDb, seed + 1);
  const played = new PlayedVoices();
  const events: { readonly atMs: number; readonly what: string }[] = [];
  let nowMs = 0;
  let clockMs = 0;
  let windows = 0;
  const note = (what: string) => events.push({ atMs: clockMs, what });
  const listener = new Listener(
    {
      vad: {
        async *detect(input, signal) {
          for await (const frame of engines.vad.detect(input, signal)) {
            clockMs = (frame.startSample + 512) / 16;
            yield frame;
            windows++;
          }
        },
      },
      asr: {
        async *transcribe(input) {
          for await (const _ of input);
          const text = visitor?.words ?? '';
          yield { type: 'final', text, averageLogProbability: -0.2, noSpeechProbability: 0 };
        },
      },
      timeouts: TIMEOUT_DEFAULTS,
      partialEveryMs: Number.POSITIVE_INFINITY,
      echo: new EchoGate(played),
      overhears: () => nowMs >= BEFORE_MS - 120 && nowMs < BEFORE_MS + npcMs,
      nowMs: () => nowMs,
    },
    {
      onSpeechStart: () => note('speech'),
      onInterruption: note,
      onTurn: () => note('turn'),
      onPartial: () => {},
      onPause: () => {},
      onLikelyTurn: () => {},
      onResume: () => {},
      onFailure: (error) => {
        throw error;
      },
    },
  );
  const code = throughOpus(16_000);
  const gain = echo ? 10 ** (echo.gainDb / 20) : 0;
  let given = -1;
  for (let frame = 0; frame * FRAME_MS < BEFORE_MS + npcMs + 1_900; frame++) {
    const pcm = new Float32Array(FRAME);
    for (let k = 0; k < FRAME; k++) {
      const at = frame * FRAME + k;
      pcm[k] = background[at % background.length];
      if (visitor) pcm[k] += visitor.pcm[at - Math.round((BEFORE_MS + visitor.atMs) * 16)] ?? 0;
      if (echo)
        for (const [lateMs, share] of REFLECTIONS)
          pcm[k] += gain * share * (heard[at - Math.round((BEFORE_MS + echo.delayMs + lateMs) * 16)] ?? 0);
    }
    nowMs = (frame + 1) * FRAME_MS + 5;
    if (given < 0 && nowMs >= BEFORE_MS - 120) {
      given = 0;
      played.begin('npc', BEFORE_MS);
    }
    for (; given >= 0 && given < npc.length && given / 24 + BEFORE_MS < nowMs + 2_000; given += 2400)
      played.add('npc', npc.subarray(given, given + 2400));
    listener.receive(code(pcm));
    while (windows < Math.floor(((frame + 1) * FRAME) / 512)) await new Promise((next) => setImmediate(next));
  }
  listener.stop();
  const before = events.filter(({ atMs, what }) => atMs < onset && what !== 'turn');
  const reacted = events.find(
    ({ atMs, what }) => atMs >= onset && (what === 'suspect' || what === 'confirm'),
  );
  return {
    reactedMs: (reacted?.atMs ?? Number.POSITIVE_INFINITY) - onset,
    early: before.length > 0,
    events: events.map(({ what }) => what),
  };
}
