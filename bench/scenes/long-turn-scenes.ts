import { setTimeout as delay } from 'node:timers/promises';
import { ANSWER_MS, BEFORE_MIRA, type Check, each, type Scene, type Stage, withVisitor } from './scene.ts';
import { type SceneVisitorOptions, waitFor } from './scene-visitor.ts';
import { concat, silence } from './sounds.ts';

/** Speakers who hesitate: what they say before and after, and how long they search for words. */
const HESITATIONS: readonly (readonly [before: string, pauseMs: number, after: string, keyword: RegExp])[] = [
  ['I would like to', 900, 'see the telescope.', /telescope/iu],
  ['Can you tell me', 1_000, 'where the moon rock is?', /rock/iu],
  ['I was wondering', 800, 'how much a ticket costs.', /ticket|cost/iu],
  ['Do you know if the', 1_100, 'cafe is still open?', /open|caf/iu],
  ['What is the, um', 900, 'brightest star in the sky?', /star/iu],
  ['I want to know about', 700, 'the pool and the stars.', /pool|stars/iu],
  ['Do you think that it would be possible to', 900, 'see the telescope at night?', /telescope|night/iu],
  ['Since it is such a nice day we could also', 800, 'walk to the garden.', /garden/iu],
  ['Is there a place around here where we could get a', 700, 'cup of coffee?', /coffee|cup/iu],
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

/** The words of a pause are known in time for a hum where the recogniser takes no longer than this, ms. */
const QUICK_ASR_MS = 350;

/** Speakers who search for words, and what an NPC does meanwhile. */
export const LONG_TURN_SCENES: readonly Scene[] = [
  {
    name: 'hesitant speakers',
    play: (stage) => each(HESITATIONS, (hesitation, i) => hesitate(stage, hesitation, i)),
  },
  { name: 'words that never come', play: neverFinished },
  { name: 'hums in a long turn', play: hums },
];

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
