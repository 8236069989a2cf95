import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A situation that is measured. */
export interface Case {
  readonly name: string;
  /** The persona that answers. */
  readonly npc: 'mira' | 'orson';
  /** Visitors who each ask an NPC of their own at the same time. */
  readonly atOnce: number;
  /** Questions that each of them asks. */
  readonly rounds: number;
  /** Whether the language model is behind an endpoint. */
  readonly remote: boolean;
}

/**
 * The situations, for a number of questions to one NPC. Mira answers from her knowledge folder, without the model where that
 * is small; Orson's words are the model's.
 */
export function casesFor(questions: number): Case[] {
  const some = Math.ceil(questions / 3);
  return [
    { name: 'one NPC, from its knowledge', npc: 'mira', atOnce: 1, rounds: questions, remote: false },
    { name: 'one NPC, in the words of the model', npc: 'orson', atOnce: 1, rounds: some, remote: false },
    { name: 'two NPCs at once', npc: 'mira', atOnce: 2, rounds: some, remote: false },
    { name: 'four NPCs at once', npc: 'mira', atOnce: 4, rounds: Math.ceil(some / 2), remote: false },
    { name: 'one NPC, its model behind an endpoint', npc: 'orson', atOnce: 1, rounds: some, remote: true },
  ];
}

/** To Mira: short questions and long ones, on all parts of her knowledge, with an answer there. */
export const TO_MIRA = [
  'How much does a ticket cost?',
  'When do you close?',
  'Where is the telescope?',
  'How old is the moon rock?',
  'How heavy is the orrery?',
  'Can I touch the rock?',
  'How deep is the pool?',
  'Who founded this museum?',
  'Which day of the week are you shut?',
  'How do I get here by bus?',
  'When does the last bus go back down?',
  'Am I allowed to take pictures?',
  'Where can I get something to eat?',
  'Is it cheaper for students?',
  'How strong is the telescope?',
  'What can I see through the telescope?',
  'Where does the moon rock come from?',
  'Who painted the star charts?',
  'When do the guided tours start?',
  'What can I buy in the shop?',
  'How often does the bus run?',
  'Can I pay by card?',
  'How many goldfish live in the pool?',
  'How long does a guided tour take?',
] as const;

export const TO_ORSON = [
  'How old are you?',
  'What do you think of the pool?',
  'Do you have a body?',
  'What is the meaning of life?',
  'Can you give me some advice?',
  'Are you happy here?',
  'Who is your best friend?',
  'What is your favourite star?',
] as const;

/** The example's personas, with as many copies of the guide as talk at once: `mira`, `mira-2`, … @returns Folder; remove it. */
export async function preparePersonas(folder: string, copies: number): Promise<string> {
  const prepared = await mkdtemp(join(tmpdir(), 'parley-latency-'));
  await cp(folder, prepared, { recursive: true });
  for (let copy = 2; copy <= copies; copy++) {
    const path = join(prepared, `mira-${copy}`);
    await cp(join(folder, 'mira'), path, { recursive: true });
    const file = join(path, 'persona.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^id: .*\n/mu, ''));
  }
  return prepared;
}

export async function removePersonas(prepared: string): Promise<void> {
  await rm(prepared, { recursive: true });
}
