#!/usr/bin/env node
import { ParleyError } from '@parley/sdk';
import { Command } from 'commander';

/** Commands; each lives in a file of its own, loaded only when it is asked for, so that `models` loads no engine. */
const COMMANDS: Readonly<
  Record<
    string,
    { readonly description: string; readonly load: () => Promise<{ readonly command: Command }> }
  >
> = {
  models: {
    description: 'list, fetch, verify and remove the weight files',
    load: () => import('./models.ts'),
  },
  doctor: {
    description: 'load every engine, measure it and say what is missing',
    load: () => import('./doctor.ts'),
  },
  serve: {
    description: 'run the room server, and the page if there is one',
    load: () => import('./serve.ts'),
  },
  talk: {
    description: 'join a room without a browser, speak to an NPC and report what comes back',
    load: () => import('./talk.ts'),
  },
  animate: {
    description: 'turn speech into facial animation: JSON, CSV, glTF or a video',
    load: () => import('./animate.ts'),
  },
  bind: {
    description: 'make any head speak: find its face, bind it, write a rig, a report and a picture',
    load: () => import('./bind.ts'),
  },
};

/** Exit codes of failures; every other one is 1. Misuse is 2, as a shell's own commands have it. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  cancelled: 130,
  'bad-arguments': 2,
  // Not bound: points are wanted.
  'face-unsure': 3,
  'binding-refused': 3,
};

const program = new Command('parley').description('NPCs that listen, think, speak and move their face.');
const wanted = process.argv.slice(2).find((word) => !word.startsWith('-') && word !== 'help') ?? '';
for (const [name, { description, load }] of Object.entries(COMMANDS)) {
  if (name === wanted) program.addCommand((await load()).command.description(description));
  else program.command(name).description(description);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ParleyError)) throw error;
  process.stderr.write(`parley: ${error.message}\n`);
  process.exitCode = EXIT_CODES[error.code] ?? 1;
}
