import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Serving, serve } from '@parley/server';
import { build } from 'vite';

const EXAMPLE = path.resolve(import.meta.dirname, '../..');

/** Makes a persona talk for half a minute. */
const TALKATIVE = `
answers: model
style: You love to tell long stories and never answer in fewer than ten sentences.
maxTokens: 300
maxSentences: 14
temperature: 0.6
examples:
  - question: What do you like?
    answer: >-
      I like a great many things, and I shall gladly name them one by one. I like the long evenings of summer, when the stones are
      still warm. I like the moment when the first star comes out. I like the sound of the gate when a visitor arrives. I like the
      smell of rain on the terrace. I like the old brass of the telescope. I like the children who ask me why the sky is dark. I
      like the winter too, because its nights are long. I like a good story, told slowly. And most of all I like to be asked.
`;

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
      const persona = readFileSync(file, 'utf8')
        .replace(/^(max(Tokens|Sentences)|style|temperature):.*$/gm, '')
        .replace(/^examples:[\s\S]*$/m, '');
      writeFileSync(file, persona + TALKATIVE);
    }
    personasFolder = copy;
  }
  const serving = await serve({
    port: 0,
    personasFolder,
    staticFolder,
    room: greets ? {} : { greetingRangeM: 0 },
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
