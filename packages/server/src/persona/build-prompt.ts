import type { ChatMessage } from '../engines/contracts.ts';
import type { Persona } from './persona.ts';
import { relevantFacts } from './relevant-facts.ts';

/**
 * The messages of one turn. The system prompt, the greeting and the examples never change, so that an engine's prefix
 * cache holds; the few facts that matter travel with the question and are not kept in the history.
 */
export function buildPrompt(
  persona: Persona,
  history: readonly ChatMessage[],
  question: string,
): ChatMessage[] {
  const facts = relevantFacts(persona.facts, question);
  return [
    { role: 'system', content: systemPrompt(persona) },
    { role: 'user', content: 'Hello!' },
    { role: 'assistant', content: persona.greeting },
    ...persona.examples.flatMap((example): ChatMessage[] => [
      { role: 'user', content: example.question },
      { role: 'assistant', content: example.answer },
    ]),
    ...history,
    {
      role: 'user',
      content: facts.length > 0 ? `Facts: ${facts.join(' ')}\nQuestion: ${question}` : question,
    },
  ];
}

/** The part of the prompt that is the same in every turn. */
export function systemPrompt(persona: Persona): string {
  return (
    `You are ${persona.name}, ${persona.title}. ${persona.style} ` +
    'Answer in one or two short spoken sentences, from the given facts. If you do not know, say so.'
  );
}
