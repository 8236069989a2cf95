import {
  type ChatHistoryItem,
  type GbnfJsonSchema,
  getLlama,
  LlamaChat,
  type LlamaContext,
  LlamaLogLevel,
  type LlamaModel,
  type Llama as LlamaRuntime,
  type LlamaOptions as RuntimeOptions,
} from 'node-llama-cpp';
import type { ChatMessage, Llm, LlmPart, LlmRequest, ToolCall } from '../contracts.ts';
import { Mailbox } from '../worker/mailbox.ts';
import { SlotPool } from './slot-pool.ts';

/** `auto` takes CUDA or Metal where llama.cpp can use it, else the CPU. */
export type LlamaDevice = 'auto' | 'cpu' | 'cuda' | 'metal' | 'vulkan';

export interface LlamaOptions {
  /** A GGUF file. */
  readonly modelPath: string;
  readonly device: LlamaDevice;
  /** CPU threads, at least 1. */
  readonly threads: number;
  /** Tokens that one conversation may span, prompt and answer together. */
  readonly contextTokens: number;
  /** Conversations kept in memory, each with its evaluated prefix; as many are answered at once. */
  readonly conversations: number;
  /** Divides the odds of recent tokens; 1 = none. */
  readonly repeatPenalty: number;
}

/** Small batches let an abort take effect between them; larger ones are hardly faster on a CPU. */
const BATCH_TOKENS = 128;
/** Tokens of a call of a tool. */
const MOST_CALL_TOKENS = 120;

/**
 * llama.cpp through node-llama-cpp. The chat template is the model's own. Each conversation keeps its evaluated tokens,
 * so only what is new since the last request costs time.
 */
export class Llama implements Llm {
  readonly device: string;
  readonly #runtime: LlamaRuntime;
  readonly #model: LlamaModel;
  readonly #context: LlamaContext;
  readonly #slots: SlotPool<LlamaChat>;
  readonly #options: LlamaOptions;

  private constructor(
    runtime: LlamaRuntime,
    model: LlamaModel,
    context: LlamaContext,
    options: LlamaOptions,
  ) {
    this.#runtime = runtime;
    this.#model = model;
    this.#context = context;
    this.#options = options;
    const chats = Array.from(
      { length: options.conversations },
      () => new LlamaChat({ contextSequence: context.getSequence() }),
    );
    this.#slots = new SlotPool(chats);
    this.device = runtime.gpu
      ? `${runtime.gpu} (${model.gpuLayers} layers)`
      : options.device === 'auto'
        ? 'cpu (llama.cpp found no CUDA or Metal)'
        : 'cpu';
  }

  static async load(options: LlamaOptions): Promise<Llama> {
    const runtime = await getLlama({
      build: 'never',
      skipDownload: true,
      gpu: gpuFor(options.device),
      maxThreads: options.threads,
      logLevel: LlamaLogLevel.error,
    });
    const model = await runtime.loadModel({ modelPath: options.modelPath });
    const context = await model.createContext({
      contextSize: Math.min(options.contextTokens, model.trainContextSize),
      sequences: options.conversations,
      threads: options.threads,
      batchSize: BATCH_TOKENS,
    });
    return new Llama(runtime, model, context, options);
  }

  async *generate(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmPart> {
    const { messages, maxTokens, temperature } = request;
    const call = await this.#choose(request, signal);
    if (call) {
      yield { type: 'tool-call', call };
      yield { type: 'finish', reason: 'stop' };
      return;
    }
    const slot = await this.#slots.take(prefixOf(messages), signal);
    const parts = new Mailbox<LlmPart>();
    const left = new AbortController();
    const { repeatPenalty } = this.#options;
    const answered = slot.value
      .generateResponse(toHistory(messages), {
        signal: AbortSignal.any([signal, left.signal]),
        stopOnAbortSignal: true,
        maxTokens,
        temperature,
        trimWhitespaceSuffix: true,
        repeatPenalty: repeatPenalty === 1 ? false : { penalty: repeatPenalty, lastTokens: 64 },
        onTextChunk: (text) => parts.put({ type: 'text-delta', text }),
      })
      .then(
        ({ metadata }) => {
          const reason = metadata.stopReason === 'maxTokens' ? 'length' : 'stop';
          parts.put({ type: 'finish', reason });
          parts.end();
        },
        (error: unknown) => parts.fail(error),
      )
      .finally(() => slot.free());
    try {
      yield* parts;
      signal.throwIfAborted();
    } finally {
      left.abort();
      await answered;
    }
  }

  /**
   * Whether the model wants a tool: it fills in a JSON object, and a grammar of the tools' schemas leaves it no other
   * letters. Not asked again once a result is there.
   */
  async #choose({ messages, tools }: LlmRequest, signal: AbortSignal): Promise<ToolCall | null> {
    if (!tools?.length || messages.at(-1)?.role === 'tool') return null;
    const none = { type: 'object', properties: { tool: { const: 'none' } } } as const;
    const schemas = tools.map(({ name, schema }) => ({
      type: 'object' as const,
      properties: { tool: { const: name }, arguments: schema as GbnfJsonSchema },
    }));
    const grammar = await this.#runtime.createGrammarForJsonSchema({
      oneOf: [none, ...schemas],
    } as Parameters<LlamaRuntime['createGrammarForJsonSchema']>[0]);
    const offer = tools.map(({ name, description }) => `${name}: ${description}`).join('\n');
    const question = `${messages.at(-1)?.content}\n(Which tool do you use? Answer in JSON. Tools:\n${offer}\nnone: just talk.)`;
    const slot = await this.#slots.take(prefixOf(messages), signal);
    try {
      const { response } = await slot.value.generateResponse(
        toHistory([...messages.slice(0, -1), { role: 'user', content: question }]),
        { signal, stopOnAbortSignal: true, maxTokens: MOST_CALL_TOKENS, temperature: 0, grammar },
      );
      signal.throwIfAborted();
      return readCall(response);
    } finally {
      slot.free();
    }
  }

  async preload(messages: readonly ChatMessage[], signal: AbortSignal): Promise<void> {
    const slot = await this.#slots.take(prefixOf(messages), signal);
    try {
      await slot.value.loadChatAndCompleteUserMessage(toHistory(messages), {
        signal,
        initialUserPrompt: '',
        maxTokens: 0,
      });
    } finally {
      slot.free();
    }
  }

  async close(): Promise<void> {
    await this.#context.dispose();
    await this.#model.dispose();
    await this.#runtime.dispose();
  }
}

/** @returns null for no tool, and for an object that was cut off. */
function readCall(json: string): ToolCall | null {
  try {
    const { tool, arguments: args } = JSON.parse(json) as { tool: string; arguments?: unknown };
    return tool === 'none' ? null : { id: 'call', name: tool, arguments: args ?? {} };
  } catch {
    return null;
  }
}

function gpuFor(device: LlamaDevice): RuntimeOptions['gpu'] {
  if (device === 'cpu') return false;
  // Vulkan also finds software renderers, which are slower than the CPU itself.
  return device === 'auto' ? { type: 'auto', exclude: ['vulkan'] } : device;
}

/** Conversations of one persona begin alike; that is the part worth keeping. */
function prefixOf(messages: readonly ChatMessage[]): string {
  return messages.find(({ role }) => role === 'system')?.content ?? '';
}

function toHistory(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const history = messages.map(({ role, content }): ChatHistoryItem => {
    if (role === 'system') return { type: 'system', text: content };
    if (role === 'tool')
      return { type: 'user', text: `(It is done: ${content}. Say so in one short sentence.)` };
    if (role === 'user') return { type: 'user', text: content };
    return { type: 'model', response: [content] };
  });
  if (history.at(-1)?.type !== 'model') history.push({ type: 'model', response: [] });
  return history;
}
