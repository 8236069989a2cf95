import type { ChatMessage, Embedder, Llm, LlmPart } from '../engines/contracts.ts';
import { isQuestion } from '../knowledge/asked-kind.ts';
import { extractAnswer } from '../knowledge/extract-answer.ts';
import type { Finding } from '../knowledge/knowledge.ts';
import { knowledgeOf } from '../knowledge/knowledge-library.ts';
import { buildPrompt } from './build-prompt.ts';
import type { Persona } from './persona.ts';

/** What an NPC is asked to answer. */
export interface Thought {
  /** Session id of who asks. */
  readonly speakerId: string;
  readonly text: string;
  /** The talk with them so far. */
  readonly history: readonly ChatMessage[];
}

/** An answer as it comes. */
export type MindPart = LlmPart;

export interface MindOptions {
  /** The persona as it is now; files may change it between two turns. */
  readonly persona: () => Persona;
  readonly llm: Llm;
  readonly embedder?: Embedder;
}

/** Sentences that are looked at, and that go into a large model's prompt. */
const FINDINGS = 6;
/** In a prompt a sentence may be less certain: the model judges. */
const NOTE_SHARE = 0.7;
/** Said by a persona that has no `deflection` of its own. */
const DEFLECTION = 'I am afraid I do not know that.';

/**
 * From a visitor's words to an NPC's. What the persona knows is looked up first. A small model would get facts wrong, so
 * what was found is said as it stands, and when nothing was found the NPC says that it does not know; a larger one gets
 * the passages into its prompt.
 */
export class Mind {
  readonly #options: MindOptions;

  constructor(options: MindOptions) {
    this.#options = options;
  }

  async *think(thought: Thought, signal: AbortSignal): AsyncGenerator<MindPart, void, undefined> {
    const persona = this.#options.persona();
    const { text, history } = thought;
    const notes: string[] = [];
    if (persona.documents.length > 0) {
      const knowledge = await knowledgeOf(persona, this.#options.embedder ?? null);
      const findings = await knowledge.find(text, FINDINGS, signal);
      if (this.#extracts(persona)) {
        const said = extractAnswer(findings, knowledge.clearScore, persona.maxSentences);
        if (said !== '') return yield* speech(said);
        if (isQuestion(text)) return yield* speech(persona.deflection ?? DEFLECTION);
      } else notes.push(...passages(findings, NOTE_SHARE * knowledge.clearScore));
    }
    const { maxTokens, temperature } = persona;
    yield* this.#options.llm.generate(
      { messages: buildPrompt(persona, history, text, notes), maxTokens, temperature },
      signal,
    );
  }

  #extracts({ answers }: Persona): boolean {
    return answers === 'extracted' || (answers === 'auto' && this.#options.llm.size === 'small');
  }
}

/** Words that need no model. */
async function* speech(text: string): AsyncGenerator<MindPart, void, undefined> {
  yield { type: 'text-delta', text };
  yield { type: 'finish', reason: 'stop' };
}

/** What was found, in the order of the texts, so that a sentence stands after the one it refers to. */
function passages(findings: readonly Finding[], leastScore: number): string[] {
  return findings
    .filter(({ score }) => score >= leastScore)
    .toSorted((a, b) => a.sentence.passage - b.sentence.passage)
    .map(({ sentence: { headings, text } }) => (headings.length > 0 ? `${headings.at(-1)}: ${text}` : text));
}
