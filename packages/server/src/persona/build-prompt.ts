import { EMOTION_RULE } from '../emotion/feel.ts';
import type { ChatMessage } from '../engines/contracts.ts';
import type { Persona } from './persona.ts';
import { relevantFacts } from './relevant-facts.ts';

/** What a turn adds to a persona's own words. */
export interface PromptOptions {
  /** What the persona's documents say of the matter, and what it remembers of the visitor. */
  readonly notes?: readonly string[];
  /** Whether the model is told to mark its answer with how it feels. */
  readonly marksEmotion?: boolean;
}

/**
 * The messages of one turn. The system prompt, the greeting and the examples never change, so that an engine's prefix
 * cache holds; the few facts that matter travel with the question and are not kept in the history.
 */
export function buildPrompt(
  persona: Persona,
  history: readonly ChatMessage[],
  question: string,
  { notes = [], marksEmotion = false }: PromptOptions = {},
): ChatMessage[] {
  return [
    { role: 'system', content: systemPrompt(persona, marksEmotion) },
    ...persona.examples.flatMap((example): ChatMessage[] => [
      { role: 'user', content: grounded(persona, example.question) },
      { role: 'assistant', content: example.answer },
    ]),
    ...history,
    { role: 'user', content: grounded(persona, question, notes) },
  ];
}

/** The part of the prompt that is the same in every turn. */
export function systemPrompt(persona: Persona, marksEmotion = false): string {
  const { name, title, role, style, rules } = persona;
  return [
    `You are ${name}, ${title}.`,
    role,
    style,
    ...rules,
    'You answer in one short sentence, with what you know.',
    persona.documents.length > 0
      ? 'About this place you say only what your notes say; when they do not tell, you say that you do not know.'
      : '',
    marksEmotion ? EMOTION_RULE : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function grounded(persona: Persona, question: string, notes: readonly string[] = []): string {
  const facts = [...relevantFacts(persona.facts, question), ...notes];
  if (facts.length === 0 && persona.deflection) facts.push(persona.deflection);
  return facts.length > 0 ? `${question}\n(You know: ${facts.join(' ')})` : question;
}
