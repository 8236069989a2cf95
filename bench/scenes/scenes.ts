import { setTimeout as delay } from 'node:timers/promises';
import type { TurnReport } from '@parley/server';
import { LABELLED_UTTERANCES, type LabelledUtterance, type Stance } from './addressees.ts';
import { INTERRUPTIONS } from './interruptions.ts';
import { SceneVisitor, type SceneVisitorOptions, waitFor } from './scene-visitor.ts';
import { concat, cough, mmHm, music, noise, silence } from './sounds.ts';
import type { Speaker } from './voices.ts';

/** What a scene has to work with. */
export interface Stage {
  readonly server: string;
  readonly speakers: readonly Speaker[];
  /** Turns that have ended, in order. */
  readonly reports: readonly TurnReport[];
  readonly say: (text: string, speaker?: number) => Promise<Float32Array>;
}

/** One thing that was looked at. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** What was seen, for people. */
  readonly seen: string;
  /** A time worth a percentile, ms. */
  readonly measured?: { readonly name: string; readonly ms: number };
}

export interface Scene {
  readonly name: string;
  play(stage: Stage): Promise<Check[]>;
}

/** The server must have reacted to an interruption by then, ms after the first sound of the voice. */
const BARGE_IN_MS = 250;
/** Until the voice has stopped for good. */
const STOPPED_MS = 1_500;
const ANSWER_MS = 30_000;
const BEFORE_MIRA: Stance = { x: 0, z: -1, yaw: 0 };
/** Its answer is long enough to be interrupted. */
const LONG_QUESTION = 'What can I see here, and what is there to do?';

/** Speakers who hesitate: what they say before and after, and how long they search for words. */
const HESITATIONS: readonly (readonly [before: string, pauseMs: number, after: string, keyword: RegExp])[] = [
  ['I would like to', 900, 'see the telescope.', /telescope/iu],
  ['Can you tell me', 1_000, 'where the moon rock is?', /rock/iu],
  ['I was wondering', 800, 'how much a ticket costs.', /ticket|cost/iu],
  ['Do you know if the', 1_100, 'cafe is still open?', /open|caf/iu],
  ['What is the, um', 900, 'brightest star in the sky?', /star/iu],
  ['I want to know about', 700, 'the pool and the stars.', /pool|stars/iu],
];

const NODS: readonly (readonly [name: string, sound: string | ((seed: number) => Float32Array)])[] = [
  ['"mm-hm"', mmHm],
  ['a cough', cough],
  ['"yeah"', 'Yeah.'],
  ['another "mm-hm"', (seed) => mmHm(seed + 5)],
  ['"okay"', 'Okay.'],
  ['two coughs', (seed) => concat(cough(seed + 1), silence(250), cough(seed + 2))],
];

/** Somebody who tells a long story and searches for words twice, 700 ms each. */
const LONG_TURN = [
  'We came up here this morning with our two children and an old friend from Edinburgh, and first of all I would like to',
  'see the moon rock, and after that, if there is still time, I would like to',
  'look through the telescope.',
];
/** What a microphone hears of the hum: nothing, or an echo as of {@link ownEcho}. */
const HUM_ECHOES: readonly (readonly [name: string, echo?: SceneVisitorOptions['echo']])[] = [
  ['with headphones'],
  ['over a loudspeaker 60 ms away', { gainDb: -10, delayMs: 60 }],
  ['over a loudspeaker 180 ms away', { gainDb: -10, delayMs: 180 }],
];

/** All scenes, in the order in which they are played. */
export const SCENES: readonly Scene[] = [
  {
    name: 'hesitant speakers',
    play: (stage) => each(HESITATIONS, (hesitation, i) => hesitate(stage, hesitation, i)),
  },
  { name: 'words that never come', play: neverFinished },
  { name: 'hums in a long turn', play: hums },
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
  { name: 'two at once', play: twoAtOnce },
  { name: 'two NPCs, one question each', play: twoNpcs },
  { name: 'noise at 15 dB', play: inNoise },
  { name: 'hard microphones', play: hardMicrophones },
  { name: 'one voice, two microphones', play: oneVoice },
  { name: 'interrupted again and again', play: againAndAgain },
  {
    name: 'who is meant',
    play: (stage) => each(LABELLED_UTTERANCES, (utterance, i) => whoIsMeant(stage, utterance, i)),
  },
];

async function each<T>(
  items: readonly T[],
  play: (item: T, i: number) => Promise<Check[]>,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [i, item] of items.entries()) checks.push(...(await play(item, i)));
  return checks;
}

async function hesitate(
  stage: Stage,
  [before, pauseMs, after, keyword]: (typeof HESITATIONS)[number],
  i: number,
): Promise<Check[]> {
  const first = await stage.say(before, i);
  const speech = concat(first, silence(pauseMs), await stage.say(after, i));
  return withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA }, async (ann) => {
    ann.listen();
    await delay(600);
    const { endMs } = ann.play(speech);
    const understood = await waitFor(() => ann.understood[0], endMs - performance.now() + 8_000);
    await delay(200);
    const text = ann.understood.map(({ message }) => message.text).join(' | ');
    return [
      {
        what: `"${before} … ${after}"`,
        ok:
          understood !== null &&
          ann.understood.length === 1 &&
          understood.atMs > endMs - 200 &&
          keyword.test(understood.message.text),
        seen: text || 'nothing understood',
      },
    ];
  });
}

async function neverFinished(stage: Stage): Promise<Check[]> {
  const speech = await stage.say('I would like to', 0);
  return withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA }, async (ann) => {
    ann.listen();
    await delay(600);
    const { endMs } = ann.play(speech);
    const understood = await waitFor(() => ann.understood[0], 8_000);
    const afterMs = (understood?.atMs ?? Number.NaN) - endMs;
    return [
      {
        what: 'silence of 1.5 s ends the turn',
        ok: afterMs > 1_200 && afterMs < 2_200,
        seen: `ended after ${afterMs.toFixed(0)} ms: ${understood?.message.text ?? 'never'}`,
      },
    ];
  });
}

/** The words of a pause are known in time for a hum where the recogniser takes no longer than this, ms. */
const QUICK_ASR_MS = 350;

async function hums(stage: Stage): Promise<Check[]> {
  let hummed = 0;
  let quick = 0;
  const count = (hums: number, asrMs: number) => {
    hummed += hums;
    quick += asrMs <= QUICK_ASR_MS ? 1 : 0;
  };
  const checks = await each(HUM_ECHOES, (way, i) => longTurn(stage, way, i, count));
  const all = HUM_ECHOES.length;
  return [
    ...checks,
    {
      what: 'somebody was hummed to, where the recogniser is quick enough',
      ok: hummed > 0 || quick === 0,
      seen: `${hummed} of ${all}; quick enough in ${quick}`,
    },
  ];
}

async function longTurn(
  stage: Stage,
  [name, echo]: (typeof HUM_ECHOES)[number],
  i: number,
  onTurn: (hums: number, asrMs: number) => void,
): Promise<Check[]> {
  const [one, two, three] = await Promise.all(LONG_TURN.map((text) => stage.say(text, i)));
  const speech = concat(one, silence(700), two, silence(700), three);
  return withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA, noiseDb: -60, echo }, async (ann) => {
    ann.listen();
    await delay(600);
    const { startMs, endMs } = ann.play(speech);
    const answer = await waitFor(() => ann.answers[0], endMs - performance.now() + ANSWER_MS);
    const heard = ann.utterances.filter(({ message }) => message.backchannel);
    onTurn(heard.length, answer?.message.timings?.asrMs ?? Number.NaN);
    const text = ann.understood.map(({ message }) => message.text).join(' | ');
    const reactions = ann.ducks.length + ann.stops.length;
    const whole =
      ann.understood.length === 1 &&
      /Edinburgh/iu.test(text) &&
      /moon/iu.test(text) &&
      /telescope/iu.test(text);
    return [
      {
        what: `${name}: one hum at most, and hers`,
        ok: heard.length <= 1 && heard.every(({ message }) => message.npc === 'mira'),
        seen:
          heard.map(({ atMs }) => `${(atMs - startMs).toFixed(0)} ms after the first sound`).join(', ') ||
          'none',
      },
      {
        what: `${name}: the turn is heard whole, once, and answered`,
        ok: whole && reactions === 0 && answer !== null && (ann.understood[0]?.atMs ?? 0) > endMs - 200,
        seen: `${text || 'nothing understood'}${reactions > 0 ? `, ${reactions} reactions` : ''}${answer ? '' : ', no answer'}`,
      },
    ];
  });
}

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

async function twoAtOnce(stage: Stage): Promise<Check[]> {
  const [one, two] = await Promise.all([
    stage.say('How much does a ticket cost?', 0),
    stage.say('Where is the telescope?', 1),
  ]);
  return withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA }, (ann) =>
    withVisitor(stage, { name: 'Ben', place: { x: 1, z: -0.8, yaw: -0.5 } }, async (ben) => {
      ann.listen('mira');
      ben.listen('mira');
      await delay(500);
      ann.play(one);
      ben.play(concat(silence(250), two));
      const answers = await waitFor(() => ann.answers[0] && ben.answers[0], ANSWER_MS);
      const words = [ann, ben].map((visitor) => visitor.understood[0]?.message.text ?? '');
      return [
        {
          what: 'two visitors ask Mira at the same time',
          ok: answers !== null && /ticket/iu.test(words[0]) && /telescope/iu.test(words[1]),
          seen: `${JSON.stringify(words)}, ${answers ? 'both answered' : 'not both answered'}`,
        },
      ];
    }),
  );
}

async function twoNpcs(stage: Stage): Promise<Check[]> {
  const [one, two] = await Promise.all([
    stage.say('When do you close?', 0),
    stage.say('How old are you?', 1),
  ]);
  return withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA }, (ann) =>
    withVisitor(stage, { name: 'Ben', place: { x: 4.4, z: 1.6, yaw: 0.6 } }, async (ben) => {
      ann.listen();
      ben.listen();
      await delay(500);
      ann.play(one);
      ben.play(two);
      await waitFor(() => ann.answers[0] && ben.answers[0], ANSWER_MS);
      await delay(1_500);
      const who = [ann, ben].map((visitor) => visitor.answers.map(({ message }) => message.npc).join('+'));
      return [
        {
          what: 'each is answered by the one they face, and by nobody else',
          ok: who[0] === 'mira' && who[1] === 'orson',
          seen: `Ann by ${who[0] || 'nobody'}, Ben by ${who[1] || 'nobody'}`,
        },
      ];
    }),
  );
}

async function inNoise(stage: Stage): Promise<Check[]> {
  const questions = [
    ['Where is the telescope?', /telescope/iu],
    ['How much does a ticket cost?', /how much/iu],
  ] as const;
  return each(questions, async ([text, keyword], i) => {
    const speech = await stage.say(text, i);
    // The voice has -22 dB of full scale.
    return withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA, noiseDb: -37 }, async (ann) => {
      ann.listen();
      await delay(1_200);
      const { endMs } = ann.play(speech);
      const answer = await waitFor(() => ann.answers[0], ANSWER_MS);
      const words = ann.understood.map(({ message }) => message.text);
      return [
        {
          what: `"${text}"`,
          ok:
            answer !== null &&
            words.length === 1 &&
            keyword.test(words[0]) &&
            ann.understood[0].atMs > endMs - 200,
          seen: JSON.stringify([...words, ...ann.notices.map(({ message }) => message.code)]),
        },
      ];
    });
  });
}

/** What microphones do to a voice; the voice has -22 dB of full scale. */
const MICROPHONES: readonly (readonly [name: string, options: Partial<SceneVisitorOptions>])[] = [
  ['5 % of the packets lost, 5 % late', { lostShare: 0.05, lateShare: 0.05 }],
  ['clipped at a quarter of its peaks', { gain: 12 }],
  ['very quiet, -48 dB', { gain: 0.05, noiseDb: -75 }],
  ['a fan in the room, 20 dB below the voice', { background: noise(80_000, -42, 77) }],
  ['music in the room, 15 dB below the voice', { background: music(-37) }],
];

/** Each question is heard once, and its turn ends as soon as it is over, whatever goes on in the room. */
async function hardMicrophones(stage: Stage): Promise<Check[]> {
  return each(MICROPHONES, async ([name, options], i) => {
    const speech = await stage.say('Where is the telescope?', i % 2 ? 2 : 0);
    return withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA, ...options }, async (ann) => {
      ann.listen();
      await delay(1_500);
      const { endMs } = ann.play(speech);
      const answer = await waitFor(() => ann.answers[0], ANSWER_MS);
      const words = ann.understood.map(({ message }) => message.text);
      const afterMs = (ann.understood[0]?.atMs ?? Number.NaN) - endMs;
      return [
        {
          what: name,
          ok: answer !== null && words.length === 1 && /telescope/iu.test(words[0]) && afterMs < 2_500,
          seen: `${JSON.stringify(words)} after ${afterMs.toFixed(0)} ms`,
        },
      ];
    });
  });
}

/** Ben sits beside Ann, and his microphone hears her as well. */
async function oneVoice(stage: Stage): Promise<Check[]> {
  const speech = await stage.say('How much does a ticket cost?', 1);
  const atBen = speech.map((sample) => 0.25 * sample);
  return withVisitor(stage, { name: 'Ann', place: BEFORE_MIRA }, (ann) =>
    withVisitor(stage, { name: 'Ben', place: { x: 1, z: -0.8, yaw: -0.5 } }, async (ben) => {
      ann.listen('mira');
      ben.listen('mira');
      await delay(700);
      ann.play(speech);
      ben.play(concat(silence(3), atBen));
      const answer = await waitFor(() => ann.answers[0], ANSWER_MS);
      await waitFor(() => ann.npc('mira')?.status === 'idle', 20_000);
      const words = [ann, ben].map((visitor) => visitor.understood.map(({ message }) => message.text));
      return [
        {
          what: 'the voice in both microphones is one question, of the one who hears it louder',
          ok: answer !== null && words[0].length === 1 && words[1].length === 0 && ben.answers.length === 0,
          seen: `Ann ${JSON.stringify(words[0])}, Ben ${JSON.stringify(words[1])}`,
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

async function whoIsMeant(stage: Stage, utterance: LabelledUtterance, i: number): Promise<Check[]> {
  const { text, mode, speaker, other, before, amongPeople, meant } = utterance;
  const pcm = mode === 'spoken' ? await stage.say(text, i) : null;
  return withVisitor(stage, { name: 'Ann', place: speaker }, async (ann) => {
    const ben = other ? await SceneVisitor.join(stage.server, { name: 'Ben', place: other }) : null;
    try {
      await delay(150);
      if (before) {
        ann.client.say(before.text, before.npc);
        await waitFor(() => ann.answers[0], ANSWER_MS);
        await waitFor(() => ann.npc(before.npc)?.status === 'idle', 15_000);
      }
      if (amongPeople && ben && other) {
        ben.client.say('Shall we have some tea?');
        await delay(200);
      }
      const known = ann.understood.length;
      if (pcm) {
        ann.listen();
        await delay(500);
        const { endMs } = ann.play(pcm);
        await delay(endMs - performance.now());
      } else ann.client.say(text);
      const heard = await waitFor(
        () =>
          ann.understood[known]?.message.npc ??
          (ann.notices.some(({ message }) => message.code === 'nobody-near') && 'nobody'),
        pcm ? 3_500 : 700,
      );
      const found = heard ?? 'people';
      return [
        {
          what: `${mode}: "${text}"`,
          ok: found === meant,
          seen: found === meant ? found : `${found}, not ${meant}`,
        },
      ];
    } finally {
      await ben?.leave();
    }
  });
}

async function withVisitor(
  stage: Stage,
  options: SceneVisitorOptions,
  act: (visitor: SceneVisitor) => Promise<Check[]>,
): Promise<Check[]> {
  const visitor = await SceneVisitor.join(stage.server, options);
  try {
    await delay(100);
    return await act(visitor);
  } finally {
    await visitor.leave();
  }
}
