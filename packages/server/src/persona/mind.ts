import type { Emotion } from '@parley/sdk';
import { feel } from '../emotion/feel.ts';
import type { ChatMessage, Embedder, Llm, LlmPart, Reranker, ToolCall } from '../engines/contracts.ts';
import { isQuestion } from '../knowledge/asked-kind.ts';
import { extractAnswer } from '../knowledge/extract-answer.ts';
import type { Finding } from '../knowledge/knowledge.ts';
import { knowledgeOf } from '../knowledge/knowledge-library.ts';
import { asksToForget, noticeFacts } from '../memory/notice-facts.ts';
import type { NpcMemory } from '../memory/npc-memory.ts';
import { memoryNotes, recallAnswer } from '../memory/recall-answer.ts';
import type { Actor } from '../tools/actor.ts';
import { matchIntent } from '../tools/match-intent.ts';
import type { Tool } from '../tools/tool.ts';
import { buildPrompt } from './build-prompt.ts';
import { companyNotes, type OthersTalk } from './company-notes.ts';
import { checkModeration, type Moderator, moderateOutput } from './moderate.ts';
import type { Persona } from './persona.ts';

/** What an NPC is asked to answer. */
export interface Thought {
  /** Session id of who asks. */
  readonly speakerId: string;
  readonly text: string;
  /** Their name as the others see it. */
  readonly name?: string;
  /** The talk with them so far. */
  readonly history: readonly ChatMessage[];
  /** What others said to the NPC lately, in the hearing of who asks; oldest first. */
  readonly others?: readonly OthersTalk[];
  /** The question that this one may go on from, whoever asked it. Default: the last one of the talk so far. */
  readonly before?: string;
  /** Who asks, by an id that stays the same from visit to visit; without it nothing is remembered. */
  readonly visitor?: string;
  /**
   * Resolves when the question is really asked. Until then the answer is only prepared, for words that may yet change: nothing
   * is remembered or done. Default: it is asked.
   */
  readonly asked?: Promise<void>;
}

/** An answer as it comes. */
export type MindPart =
  | Exclude<LlmPart, { type: 'tool-call' }>
  /** How the speaker feels from here on; the last one before the first words counts most. */
  | { readonly type: 'emotion'; readonly emotion: Emotion };

export interface MindOptions {
  /** The persona as it is now; files may change it between two turns. */
  readonly persona: () => Persona;
  readonly llm: Llm;
  readonly embedder?: Embedder;
  /** Tells what answers a question; without it rules about words do. */
  readonly reranker?: Reranker;
  readonly memory?: NpcMemory;
  /** Does what is asked for; without one the NPC only talks. */
  readonly actor?: Actor;
  /** The host's functions that look at what is said, by the names that personas use. */
  readonly moderators?: Readonly<Record<string, Moderator>>;
}

/** Sentences that are looked at, and that go into a large model's prompt. */
const FINDINGS = 6;
/** In a prompt a sentence may be less certain: the model judges. */
const NOTE_SHARE = 0.7;
/** Of one talk, the last things said are summed up. */
const MOST_ASKED = 8;
const SUMMARY_PATIENCE_MS = 20_000;
/** Said when something could not be done. */
const CANNOT = 'I am sorry, I cannot do that right now.';
/** A model may call tools so many times before it must speak. */
const MOST_ROUNDS = 3;
/** Stands in the history for words that a moderator refused. */
const REFUSED = '(Something unfit to be answered.)';
/** Changed or refused words that are kept, the newest; no history is longer. */
const MOST_PASSED = 100;
/** Said by a persona that has no `deflection` of its own. */
const DEFLECTION = 'I am afraid I do not know that.';

/**
 * From a visitor's words to an NPC's. What the persona knows is looked up first. A small model would get facts wrong, so
 * what was found is said as it stands, and when nothing was found the NPC says that it does not know; a larger one gets
 * the passages into its prompt.
 */
export class Mind {
  readonly #options: MindOptions;
  /** What visitors who are here said, by session id. */
  readonly #talks = new Map<string, { readonly visitor: string; readonly asked: readonly string[] }>();
  readonly #remembering = new Set<Promise<void>>();
  /** What a moderator made of visitors' words: the talk so far is shown to the model as it passed. */
  readonly #passed = new Map<string, string>();

  constructor(options: MindOptions) {
    this.#options = options;
  }

  /** @throws {ParleyError} `unknown-moderator`; what engines, moderators and stores throw. */
  async *think(thought: Thought, signal: AbortSignal): AsyncGenerator<MindPart, void, undefined> {
    const persona = this.#options.persona();
    const { speakerId } = thought;
    const moderator = checkModeration(persona, this.#options.moderators);
    const refusal = persona.deflection ?? DEFLECTION;
    if (!moderator) return yield* feel(this.#answer(thought, persona, signal), thought.text);
    const judge = async (direction: 'input' | 'output', text: string) =>
      moderator({ npc: persona.id, speakerId, direction, text }, signal);
    const verdict = await judge('input', thought.text);
    const text = verdict.allow ? (verdict.text ?? thought.text) : REFUSED;
    if (text !== thought.text) this.#notePassed(thought.text, text);
    if (!verdict.allow) return yield* speech(verdict.say ?? refusal);
    const history = thought.history.map((message) => {
      const passed = message.role === 'user' ? this.#passed.get(message.content) : undefined;
      return passed === undefined ? message : { ...message, content: passed };
    });
    const before =
      thought.before === undefined ? undefined : (this.#passed.get(thought.before) ?? thought.before);
    // The mark of the feeling is taken out before: it is not spoken.
    const parts = feel(this.#answer({ ...thought, text, history, before }, persona, signal), text);
    yield* moderateOutput(parts, (sentence) => judge('output', sentence), refusal);
  }

  #notePassed(said: string, passed: string): void {
    this.#passed.set(said, passed);
    for (const oldest of this.#passed.keys()) {
      if (this.#passed.size <= MOST_PASSED) break;
      this.#passed.delete(oldest);
    }
  }

  async *#answer(
    thought: Thought,
    persona: Persona,
    signal: AbortSignal,
  ): AsyncGenerator<MindPart, void, undefined> {
    const { text, speakerId, asked = Promise.resolve() } = thought;
    const { llm, embedder, reranker, actor } = this.#options;
    const memory = persona.memory ? this.#options.memory : undefined;
    const notes = llm.size === 'small' ? [] : companyNotes(thought);
    if (memory && thought.visitor !== undefined) {
      const said = await this.#recollect(thought, memory, thought.visitor, notes, signal);
      if (said !== '') return yield* speech(said);
    }
    const tools = actor ? await actor.tools(persona) : [];
    if (llm.size === 'small' && actor) {
      const intent = matchIntent(text, tools);
      if (intent) {
        const call = { ...intent, npc: persona.id, speakerId };
        const { ok, text: result, say } = await actor.run(call, asked, signal);
        return yield* speech(ok ? (say ?? result) : CANNOT);
      }
    }
    if (persona.documents.length > 0) {
      const knowledge = await knowledgeOf(persona, { embed: embedder, rerank: reranker });
      const before = thought.before ?? thought.history.findLast(({ role }) => role === 'user')?.content ?? '';
      const findings = await knowledge.find(text, FINDINGS, signal, before);
      if (this.#extracts(persona)) {
        const said = extractAnswer(findings, knowledge.clearScore, persona.maxSentences);
        if (said !== '') return yield* speech(said);
        if (isQuestion(text)) return yield* speech(persona.deflection ?? DEFLECTION);
      } else notes.push(...passages(findings, NOTE_SHARE * knowledge.clearScore));
    }
    yield* this.#converse(thought, persona, notes, llm.size === 'small' ? [] : tools, signal);
  }

  /** The model's own words, and the calls that it makes before them. */
  async *#converse(
    { text, history, speakerId, asked = Promise.resolve() }: Thought,
    persona: Persona,
    notes: readonly string[],
    tools: readonly Tool[],
    signal: AbortSignal,
  ): AsyncGenerator<MindPart, void, undefined> {
    const { llm, actor } = this.#options;
    const { maxTokens, temperature, id } = persona;
    const messages = buildPrompt(persona, history, text, { notes, marksEmotion: llm.size !== 'small' });
    for (let round = 0; ; round++) {
      const offered = (round < MOST_ROUNDS ? tools : []).map(({ name, description, schema }) => ({
        name,
        description,
        schema,
      }));
      const request = { messages, maxTokens, temperature, ...(offered.length > 0 && { tools: offered }) };
      const calls: ToolCall[] = [];
      let said = '';
      for await (const part of llm.generate(request, signal)) {
        if (part.type === 'tool-call') calls.push(part.call);
        else if (part.type === 'text-delta') {
          said += part.text;
          yield part;
        } else if (calls.length === 0) yield part;
      }
      if (calls.length === 0 || !actor) return;
      messages.push({ role: 'assistant', content: said, toolCalls: calls });
      for (const call of calls) {
        const tool = tools.find(({ name }) => name === call.name);
        const result = tool
          ? await actor.run({ tool, args: call.arguments, npc: id, speakerId }, asked, signal)
          : { text: `There is no tool "${call.name}".` };
        messages.push({ role: 'tool', content: result.text, toolCallId: call.id });
      }
    }
  }

  /** A visitor has left: what was talked about is remembered. */
  leave(speakerId: string): void {
    const talk = this.#talks.get(speakerId);
    this.#talks.delete(speakerId);
    const { memory, persona } = this.#options;
    if (!talk || !memory || !persona().memory) return;
    this.#keep(
      this.#summarise(talk.asked).then((summary) => memory.add(persona().id, talk.visitor, { summary })),
    );
  }

  #keep(remembering: Promise<void>): void {
    this.#remembering.add(remembering);
    void remembering.finally(() => this.#remembering.delete(remembering));
  }

  /** The room closes: everybody has left. Resolves when what was talked about is remembered. */
  async close(): Promise<void> {
    for (const speakerId of [...this.#talks.keys()]) this.leave(speakerId);
    await Promise.allSettled(this.#remembering);
    await this.#options.actor?.close();
  }

  /**
   * Remembers what the visitor tells and answers what they ask of themselves.
   * @param notes Gets what a model should know of the visitor.
   * @returns '' where the question is about something else.
   */
  async #recollect(
    { speakerId, text, asked = Promise.resolve() }: Thought,
    memory: NpcMemory,
    visitor: string,
    notes: string[],
    signal: AbortSignal,
  ): Promise<string> {
    const { id } = this.#options.persona();
    const { llm, embedder } = this.#options;
    if (asksToForget(text)) {
      await asked;
      signal.throwIfAborted();
      this.#talks.delete(speakerId);
      await memory.forget(visitor);
      return 'As you wish. I have forgotten everything about you.';
    }
    const { name, facts } = noticeFacts(text);
    void asked.then(() => {
      this.#note(speakerId, visitor, text);
      if (name !== null || facts.length > 0) this.#keep(memory.add(id, visitor, { name, facts }));
    });
    const known = await memory.recall(id, visitor);
    notes.push(...memoryNotes(known));
    if (llm.size !== 'small') return '';
    if (name !== null) return `Nice to meet you, ${name}. I will remember you.`;
    if (isQuestion(text)) return recallAnswer(text, known, embedder, signal);
    return facts.length > 0 ? 'I will remember that.' : '';
  }

  #note(speakerId: string, visitor: string, text: string): void {
    const talk = this.#talks.get(speakerId) ?? { visitor, asked: [] };
    this.#talks.set(speakerId, { visitor, asked: [...talk.asked, text].slice(-MOST_ASKED) });
  }

  /** What was talked about, in a sentence that may be said or put into a prompt. */
  async #summarise(asked: readonly string[]): Promise<string> {
    const { llm } = this.#options;
    const plain = `Last time you said: ${asked.slice(-3).join(' ')}`;
    if (llm.size === 'small') return plain;
    const content = `Somebody said to you:\n${asked.join('\n')}\nSum up in one short sentence what they talked about. Begin with "Last time you".`;
    let summary = '';
    try {
      const request = { messages: [{ role: 'user', content }], maxTokens: 60, temperature: 0 } as const;
      for await (const part of llm.generate(request, AbortSignal.timeout(SUMMARY_PATIENCE_MS)))
        if (part.type === 'text-delta') summary += part.text;
    } catch {
      // The plain one says enough.
    }
    return summary.trim() || plain;
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
