import type { Embedder } from '../engines/contracts.ts';
import { Knowledge } from '../knowledge/knowledge.ts';
import type { VisitorMemory } from './memory-store.ts';
import { toSecondPerson } from './notice-facts.ts';

/** Memories are few and short, so that less likeness is clear. */
const CLEAR_SCORE = 0.42;

/**
 * The answer to a question of visitors about themselves, from what is remembered, in the NPC's words: "What is my name?",
 * "Do you remember me?", "Where am I from?".
 * @returns '' for any other question, and where nothing is remembered of the matter.
 */
export async function recallAnswer(
  question: string,
  memory: VisitorMemory | null,
  embed: Embedder | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (
    /\b(?:(?:do|did|can) you (?:still )?(?:remember|know|recogni[sz]e) me|who am i|have we met|what do you (?:know|remember) (?:about|of) me)\b/iu.test(
      question,
    )
  )
    return memory ? inAll(memory) : 'I do not think that we have met.';
  if (/\bwhat(?:'s| is| was) my name\b|\b(?:know|remember) my name\b/iu.test(question))
    return memory?.name ? `Your name is ${memory.name}.` : 'You have not told me your name.';
  if (/\b(?:last time|what did we talk about|did i ask)\b/iu.test(question) && memory?.summary)
    return memory.summary;
  if (!memory || memory.facts.length === 0 || !/\b(?:i|my|me|mine)\b/iu.test(question)) return '';
  const taught = memory.facts.map((text) => ({ text, about: [] }));
  const knowledge = await Knowledge.create({ documents: [], taught }, { embed }, signal);
  const [best] = await knowledge.find(toSecondPerson(question), 1, signal);
  return best && best.score >= CLEAR_SCORE ? best.sentence.text : '';
}

/** Two sentences, as many as most personas say. */
function inAll({ name, facts, summary }: VisitorMemory): string {
  const told = facts
    .slice(-2)
    .map((fact) => `${fact.charAt(0).toLowerCase()}${fact.slice(1).replace(/\.$/u, '')}`);
  const first = [name ? `Of course, you are ${name}` : 'Yes, we have met', ...told].join(', ');
  return summary ? `${first}. ${summary}` : `${first}.`;
}

/** What a model is told of a visitor. */
export function memoryNotes(memory: VisitorMemory | null): string[] {
  if (!memory) return [];
  const { name, facts, summary } = memory;
  const notes = [
    name ? `The visitor's name is ${name}.` : '',
    ...facts.map((fact) => `To the visitor you would say: ${fact}`),
  ];
  if (summary) notes.push(`Of your last talk you remember: ${summary}`);
  return notes.filter((note) => note !== '');
}
