import { ParleyError } from '@parley/sdk';
import { z } from 'zod';
import type { Persona } from '../persona/persona.ts';
import type { Tool, ToolResult } from './tool.ts';
import { type CallClient, ToolBox } from './tool-box.ts';

/** A call of a tool, as the room is told of it: once when it begins, once when it is over. */
export interface ActionEvent {
  /** Counts up within the room. */
  readonly id: number;
  readonly npc: string;
  readonly speakerId: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly status: 'started' | 'done' | 'failed';
  /** What came of it. */
  readonly text?: string;
}

export interface ActorOptions {
  /** The host's own tools. */
  readonly tools: readonly Tool[];
  readonly callClient: CallClient;
  readonly onAction: (event: ActionEvent) => void;
  /** A tool server does not work; the NPC goes on without its tools. */
  readonly onFault: (error: ParleyError) => void;
}

/** Longest that a tool may take, ms. */
const PATIENCE_MS = 20_000;

let nextId = 1;

/** Does what NPCs are asked to do. */
export class Actor {
  readonly #options: ActorOptions;
  #opened: { readonly persona: Persona; readonly box: Promise<ToolBox> } | null = null;

  constructor(options: ActorOptions) {
    this.#options = options;
  }

  /** The persona's tools; its servers are connected to at the first call, and again when the persona was read anew. */
  async tools(persona: Persona): Promise<readonly Tool[]> {
    if (persona.tools.length === 0) return [];
    if (this.#opened?.persona !== persona) {
      const before = this.#opened;
      const { tools, callClient, onFault } = this.#options;
      this.#opened = { persona, box: ToolBox.open(persona, tools, callClient, onFault) };
      void before?.box.then((box) => box.close());
    }
    return (await this.#opened.box).tools;
  }

  /**
   * Checks the arguments and does it. What goes wrong is a result too: the NPC says so and the talk goes on.
   * @param asked Nothing is done before it resolves.
   */
  async run(
    call: { readonly tool: Tool; readonly args: unknown; readonly npc: string; readonly speakerId: string },
    asked: Promise<void>,
    signal: AbortSignal,
  ): Promise<ToolResult & { readonly ok: boolean }> {
    await asked;
    signal.throwIfAborted();
    const { tool, npc, speakerId } = call;
    const parsed = tool.parameters.safeParse(call.args);
    if (!parsed.success) {
      const text = `${tool.name} was called wrongly: ${z.prettifyError(parsed.error)}`;
      return { ok: false, text };
    }
    const event = { id: nextId++, npc, speakerId, tool: tool.name, arguments: parsed.data };
    this.#options.onAction({ ...event, status: 'started' });
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      const result = await Promise.race([
        tool.run(parsed.data, { npc, speakerId, signal: patience }),
        broken(patience),
      ]);
      this.#options.onAction({ ...event, status: 'done', text: result.text });
      return { ok: true, ...result };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.onAction({ ...event, status: 'failed', text: why });
      signal.throwIfAborted();
      return { ok: false, text: `${tool.name} failed: ${why}` };
    }
  }

  async close(): Promise<void> {
    await (await this.#opened?.box.catch(() => null))?.close();
  }
}

function broken(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener(
      'abort',
      () => reject(new ParleyError('tool-timeout', `it took longer than ${PATIENCE_MS / 1000} s`)),
      { once: true },
    );
  });
}
