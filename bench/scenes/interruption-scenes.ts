import { setTimeout as delay } from 'node:timers/promises';
import { INTERRUPTIONS } from './interruptions.ts';
import {
  ANSWER_MS,
  BEFORE_MIRA,
  type Check,
  each,
  LONG_QUESTION,
  type Scene,
  type Stage,
  withVisitor,
} from './scene.ts';
import { type SceneVisitor, type SceneVisitorOptions, waitFor } from './scene-visitor.ts';
import { concat, cough, mmHm, silence } from './sounds.ts';

/** The server must have reacted to an interruption by then, ms after the first sound of the voice. */
const BARGE_IN_MS = 250;

/** Until the voice has stopped for good. */
const STOPPED_MS = 1_500;

const NODS: readonly (readonly [name: string, sound: string | ((seed: number) => Float32Array)])[] = [
  ['"mm-hm"', mmHm],
  ['a cough', cough],
  ['"yeah"', 'Yeah.'],
  ['another "mm-hm"', (seed) => mmHm(seed + 5)],
  ['"okay"', 'Okay.'],
  ['two coughs', (seed) => concat(cough(seed + 1), silence(250), cough(seed + 2))],
];

/** Sounds while an NPC speaks: those that stop it, and those that do not. */
export const INTERRUPTION_SCENES: readonly Scene[] = [
  { name: 'interruptions', play: (stage) => each(INTERRUPTIONS, (text, i) => interrupt(stage, text, i)) },
  { name: 'backchannels', play: backchannels },
  { name: 'own echo at -10 dB', play: ownEcho },
  {
    name: 'interruptions over the echo',
    play: (stage) =>
      each(INTERRUPTIONS.slice(0, 4), (text, i) =>
        interrupt(stage, text, i, { gainDb: -10, delayMs: [60, 140, 220, 300][i] }),
      ),
  },
  { name: 'interrupted again and again', play: againAndAgain },
];

/** Lets Mira speak for a second; null when she does not. */
async function whileMiraSpeaks(ann: SceneVisitor): Promise<number | null> {
  ann.listen('mira');
  await delay(500);
  ann.client.say(LONG_QUESTION, 'mira');
  const answer = await waitFor(() => ann.answers[0], ANSWER_MS);
  if (!answer) return null;
  await delay(Math.max(0, answer.message.startMs - ann.client.clock.nowMs()) + 1_000);
  return answer.message.utterance;
}

async function interrupt(
  stage: Stage,
  text: string,
  i: number,
  echo?: SceneVisitorOptions['echo'],
): Promise<Check[]> {
  const speech = await stage.say(text, i);
  return withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA, noiseDb: -60, echo }, async (ann) => {
    const utterance = await whileMiraSpeaks(ann);
    if (utterance === null || ann.npc('mira')?.status !== 'speaking')
      return [{ what: `"${text}"`, ok: false, seen: 'Mira did not speak' }];
    const ducksBefore = ann.ducks.length;
    const stopsBefore = ann.stops.length;
    const { startMs, startSample } = ann.play(speech);
    const stop = await waitFor(
      () => ann.stops[stopsBefore],
      startMs - performance.now() + speech.length / 16 + 4_000,
    );
    const duck = ann.ducks.slice(ducksBefore).find(({ message }) => message.gain < 1);
    // The server cannot know of a sound before it has come.
    const arrivedMs = ann.sentAtMs(startSample);
    const never = Number.POSITIVE_INFINITY;
    const reactedMs = Math.min(duck?.atMs ?? never, stop?.atMs ?? never) - arrivedMs;
    const stoppedMs = (stop?.atMs ?? Number.NaN) - arrivedMs;
    const early = ducksBefore + stopsBefore > 0;
    const understood = await waitFor(() => ann.understood[1], 6_000);
    const report = await waitFor(() => stage.reports.find((turn) => turn.speakerId === ann.id), 2_000);
    const next = await waitFor(() => ann.answers[1], 15_000);
    const over = echo ? ` over the echo (${echo.delayMs} ms)` : '';
    return [
      {
        what: `"${text}"${over}: the voice fades`,
        ok: !early && reactedMs <= BARGE_IN_MS,
        seen: early ? 'reacted before anybody spoke' : `after ${reactedMs.toFixed(0)} ms`,
        measured: { name: `fade${over && ' over echo'}`, ms: reactedMs },
      },
      {
        what: `"${text}"${over}: it stops`,
        ok: stoppedMs <= STOPPED_MS,
        seen: stop ? `after ${stoppedMs.toFixed(0)} ms` : 'never',
        measured: { name: `stop${over && ' over echo'}`, ms: stoppedMs },
      },
      {
        what: `"${text}"${over}: history has what was heard, and an answer follows`,
        ok: report?.outcome === 'interrupted' && understood !== null && next !== null,
        seen: `heard "${report?.answer ?? ''}", then understood "${understood?.message.text ?? ''}"${next ? '' : ', no answer'}`,
      },
    ];
  });
}

async function backchannels(stage: Stage): Promise<Check[]> {
  return each(NODS, async ([name, sound], i) => {
    const pcm = typeof sound === 'string' ? await stage.say(sound, i) : sound(i + 1);
    return withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA, noiseDb: -60 }, async (ann) => {
      const utterance = await whileMiraSpeaks(ann);
      if (utterance === null) return [{ what: name, ok: false, seen: 'Mira did not speak' }];
      ann.play(pcm);
      await waitFor(() => ann.npc('mira')?.status === 'idle', 12_000);
      await delay(300);
      const ducked = ann.ducks.some(({ message }) => message.gain < 1)
        ? 'voice lowered meanwhile'
        : 'no reaction';
      const said = ann.understood.slice(1).map(({ message }) => message.text);
      return [
        {
          what: name,
          ok: ann.stops.length === 0 && said.length === 0,
          seen: ann.stops.length > 0 ? 'Mira stopped' : said.length > 0 ? `answered "${said}"` : ducked,
        },
      ];
    });
  });
}

async function ownEcho(stage: Stage): Promise<Check[]> {
  return each([60, 180, 320], async (delayMs) =>
    withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA, echo: { gainDb: -10, delayMs } }, async (ann) => {
      const utterance = await whileMiraSpeaks(ann);
      if (utterance === null) return [{ what: `${delayMs} ms`, ok: false, seen: 'Mira did not speak' }];
      await waitFor(() => ann.npc('mira')?.status === 'idle', 15_000);
      await delay(2_000);
      const said = ann.understood.slice(1).map(({ message }) => message.text);
      const reactions = ann.stops.length + ann.ducks.length + said.length + ann.utterances.length - 1;
      return [
        {
          what: `loudspeaker ${delayMs} ms away, microphone open`,
          ok: reactions === 0,
          seen:
            reactions === 0
              ? 'no reaction'
              : `${ann.ducks.length} lowered, ${ann.stops.length} stopped, heard ${JSON.stringify(said)}`,
        },
      ];
    }),
  );
}

async function againAndAgain(stage: Stage): Promise<Check[]> {
  const questions = await Promise.all(
    ['No, wait. Where is the pool?', 'Stop. Where is the moon rock?', 'Sorry, when do you open?'].map(
      (text, i) => stage.say(text, i),
    ),
  );
  return withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA, noiseDb: -60 }, async (ann) => {
    let interrupted = (await whileMiraSpeaks(ann)) !== null;
    for (const [i, pcm] of questions.entries()) {
      const { endMs } = ann.play(pcm);
      await delay(endMs - performance.now());
      interrupted &&= (await waitFor(() => ann.answers[i + 1], 20_000)) !== null;
      await delay(700);
    }
    const idle = await waitFor(() => ann.npc('mira')?.status === 'idle', 20_000);
    return [
      {
        what: 'three interruptions in a row, each answered, and then rest',
        ok: interrupted && idle !== null,
        seen: `${ann.answers.length} answers, ${ann.stops.length} stops, understood ${JSON.stringify(
          ann.understood.map(({ message }) => message.text),
        )}, at the end ${ann.npc('mira')?.status}`,
      },
    ];
  });
}
