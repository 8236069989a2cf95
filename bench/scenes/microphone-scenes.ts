import { setTimeout as delay } from 'node:timers/promises';
import { ANSWER_MS, BEFORE_MIRA, type Check, each, type Scene, type Stage, withVisitor } from './scene.ts';
import { type SceneVisitorOptions, waitFor } from './scene-visitor.ts';
import { music, noise } from './sounds.ts';

/** What microphones do to a voice; the voice has -22 dB of full scale. */
const MICROPHONES: readonly (readonly [name: string, options: Partial<SceneVisitorOptions>])[] = [
  ['5 % of the packets lost, 5 % late', { lostShare: 0.05, lateShare: 0.05 }],
  ['clipped at a quarter of its peaks', { gain: 12 }],
  ['very quiet, -48 dB', { gain: 0.05, noiseDb: -75 }],
  ['a fan in the room, 20 dB below the voice', { background: noise(80_000, -42, 77) }],
  ['music in the room, 15 dB below the voice', { background: music(-37) }],
];

/** Questions through noise and bad microphones. */
export const MICROPHONE_SCENES: readonly Scene[] = [
  { name: 'noise at 15 dB', play: inNoise },
  { name: 'hard microphones', play: hardMicrophones },
];

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
