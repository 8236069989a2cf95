import { setTimeout as delay } from 'node:timers/promises';
import { LABELLED_UTTERANCES, type LabelledUtterance } from './addressees.ts';
import { ANSWER_MS, BEFORE_MIRA, type Check, each, type Scene, type Stage, withVisitor } from './scene.ts';
import { SceneVisitor, waitFor } from './scene-visitor.ts';
import { concat, silence } from './sounds.ts';

/** Several visitors, several NPCs: who is spoken to, and who answers. */
export const COMPANY_SCENES: readonly Scene[] = [
  { name: 'two at once', play: twoAtOnce },
  { name: 'two NPCs, one question each', play: twoNpcs },
  { name: 'one voice, two microphones', play: oneVoice },
  {
    name: 'who is meant',
    play: (stage) => each(LABELLED_UTTERANCES, (utterance, i) => whoIsMeant(stage, utterance, i)),
  },
];

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
