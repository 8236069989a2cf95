#!/usr/bin/env node
import { ParleyError } from '@parley/sdk';
import { Command } from 'commander';

/** What a command's file exports: the command with its options and action. */
export interface CommandModule {
  readonly command: Command;
}

/** Commands and what they are for; each lives in the file of its name, loaded only when it is asked for. */
const COMMANDS: Readonly<Record<string, string>> = {
  models: 'list, fetch, verify and remove the weight files',
  doctor: 'load every engine, measure it and say what is missing',
  serve: 'run the room server, and the page if there is one',
  talk: 'join a room without a browser, speak to an NPC and report what comes back',
};

const program = new Command('parley').description('NPCs that listen, think, speak and move their face.');
const name = process.argv.slice(2).find((word) => !word.startsWith('-')) ?? '';
for (const [known, description] of Object.entries(COMMANDS)) {
  if (known === name) {
    const { command } = (await import(`./${known}.ts`)) as CommandModule;
    program.addCommand(command.description(description));
  } else {
    program.command(known, { hidden: false }).description(description).allowUnknownOption();
  }
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ParleyError)) throw error;
  process.stderr.write(`parley: ${error.message}\n`);
  process.exitCode = error.code === 'cancelled' ? 130 : 1;
}
