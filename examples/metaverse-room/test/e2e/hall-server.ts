import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Moderator, type Serving, serve } from '@parley/server';
import { build } from 'vite';
import { parse, stringify } from 'yaml';

const EXAMPLE = path.resolve(import.meta.dirname, '../..');

/** Makes a persona talk for long, in the model's own words. */
const TALKATIVE = {
  answers: 'model',
  style: 'You love to tell long stories and never answer in fewer than ten sentences.',
  maxTokens: 300,
  maxSentences: 14,
  temperature: 0.6,
  examples: [
    {
      question: 'What do you like?',
      answer:
        'I like a great many things, and I shall gladly name them one by one. I like the long evenings of summer, when the stones are still warm. I like the moment when the first star comes out. I like the sound of the gate when a visitor arrives. I like the smell of rain on the terrace. I like the old brass of the telescope. I like the children who ask me why the sky is dark. I like the winter too, because its nights are long. I like a good story, told slowly. And most of all I like to be asked.',
    },
  ],
};

/** What makes Orson tell it. */
export const ASK_FOR_STORY = 'Orson, tell me the story of your long life.';
/** Two minutes of speech whatever a model would say: time enough to come in, on a slow machine too. */
const STORY =
  `I was born above a bakery, in the coldest January that my mother could remember, and she reminded me of it every winter.
My father mended clocks, and on Sundays he let me wind the big one in the tower of the town hall.
When I was six years old I asked him where the night came from, and he said that I should go and look.
So I climbed out of my window, sat down on the roof of the bakery, and watched until the baker found me there at dawn.
At school I was no good at anything that had to be learned by heart, but I could draw every star of the winter sky.
My teacher lent me her opera glass, and through it I saw the mountains of the moon for the first time.
At sixteen I left home with two shirts, a loaf of bread and a very small telescope that I had built from the pipe of a stove.
I walked south for three weeks, and at night I slept in barns, where the roofs had such good holes in them.
In the harbour a captain took me aboard, because I could tell him the time from the stars when his clock had stopped.
For nine years I sailed with him, and I learned that every sea has its own colour and every sky its own silence.
On an island with no name I met an old woman who had counted the shooting stars all her life, and she was at forty thousand.
She asked me what I was looking for, and I had no answer, which troubled me for the rest of the voyage.
When I came home, my father's clocks had all stopped, and I set every one of them going again before I unpacked my bag.
Then I began to write letters to everybody who had ever looked up, and to my surprise a good many of them wrote back.
One of them sent me a pebble, and another one a map of the moon, drawn on the back of a bill for potatoes.
I kept all those letters in a trunk, and when the trunk was full I bought the hill on which you are standing now.
We built the hall in two summers, with stones from the river and with more good will than money.
On the first evening nobody came, so I sat alone under the dome and listened to the rain for a long while.
On the second evening a boy climbed in through the window, because he wanted to know where the night came from.
I told him that he should go and look, and that is how all of this began.`.replaceAll('\n', ' ');

/** Tells the story to who asks for it; everything else is Orson's own to answer. */
const tellStory: Moderator = ({ direction, text }) =>
  direction === 'input' && text === ASK_FOR_STORY ? { allow: false, say: STORY } : { allow: true };

/** The built page on a real server with the real engines. */
export interface HallServer {
  readonly url: string;
  readonly engines: Serving['engines'];
  /** Folder for the test's own files; it goes with the server. */
  readonly folder: string;
  close(): Promise<void>;
}

/**
 * Builds the page and serves it.
 * @param talkative Lets the NPCs talk for long, so that there is time to join while they do.
 * @param greets Whether the NPCs greet who comes near. Most tests are about answers; a greeting would be one utterance more.
 */
export async function startHall({ talkative = false, greets = false } = {}): Promise<HallServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'orion-hall-server-'));
  const staticFolder = path.join(folder, 'page');
  await build({ root: EXAMPLE, logLevel: 'error', build: { outDir: staticFolder, emptyOutDir: true } });
  let personasFolder = path.join(EXAMPLE, 'personas');
  if (talkative) {
    const copy = path.join(folder, 'personas');
    cpSync(personasFolder, copy, { recursive: true });
    for (const id of ['mira', 'orson']) {
      const file = path.join(copy, id, 'persona.yaml');
      const persona = { ...parse(readFileSync(file, 'utf8')), ...TALKATIVE };
      if (id === 'orson') Object.assign(persona, { moderation: 'story', maxSentences: 20 });
      writeFileSync(file, stringify(persona));
    }
    personasFolder = copy;
  }
  const serving = await serve({
    port: 0,
    personasFolder,
    staticFolder,
    room: { moderators: { story: tellStory }, ...(!greets && { greetingRangeM: 0 }) },
    exportsFolder: process.env.PARLEY_EXPORTS ?? path.resolve(EXAMPLE, '../../models/exports'),
  });
  return {
    url: serving.url,
    engines: serving.engines,
    folder,
    close: async () => {
      await serving.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
