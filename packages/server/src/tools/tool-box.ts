import { ParleyError } from '@parley/sdk';
import { z } from 'zod';
import type { Persona } from '../persona/persona.ts';
import { connectMcp } from './mcp-tools.ts';
import { defineTool, type Tool, type ToolContext } from './tool.ts';
import { WORLD_TOOLS, type WorldToolName, worldTool } from './world-tools.ts';

/** Calls a function in the browser of the visitor who asked. */
export type CallClient = (
  name: string,
  args: Record<string, unknown>,
  context: ToolContext,
) => Promise<string>;

/** The tools of one persona, with the servers behind them. */
export class ToolBox {
  readonly tools: readonly Tool[];
  readonly #closers: readonly (() => Promise<void>)[];

  private constructor(tools: readonly Tool[], closers: readonly (() => Promise<void>)[]) {
    this.tools = tools;
    this.#closers = closers;
  }

  /**
   * @param host The host's own tools, by the names that personas use.
   * @param onFault Told of a server that does not work; its tools are left out.
   * @throws {ParleyError} `unknown-tool`
   */
  static async open(
    persona: Persona,
    host: readonly Tool[],
    callClient: CallClient,
    onFault: (error: ParleyError) => void,
  ): Promise<ToolBox> {
    const tools: Tool[] = [];
    const closers: (() => Promise<void>)[] = [];
    for (const entry of persona.tools) {
      if ('mcp' in entry) {
        try {
          const server = await connectMcp(entry);
          tools.push(...server.tools);
          closers.push(() => server.close());
        } catch (error) {
          onFault(error as ParleyError);
        }
      } else if ('client' in entry) tools.push(clientTool(entry, callClient));
      else if (isWorldTool(entry.use)) tools.push(worldTool(entry.use, entry.targets, entry.say));
      else tools.push(hostTool(entry.use, host, persona));
    }
    return new ToolBox(tools, closers);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closers.map((close) => close()));
  }
}

/** What is wrong with a persona's tools before anything is connected. @throws {ParleyError} `unknown-tool` */
export function checkTools(persona: Persona, host: readonly Tool[]): void {
  for (const entry of persona.tools)
    if ('use' in entry && !isWorldTool(entry.use)) hostTool(entry.use, host, persona);
}

function isWorldTool(name: string): name is WorldToolName {
  return (WORLD_TOOLS as readonly string[]).includes(name);
}

function hostTool(name: string, host: readonly Tool[], persona: Persona): Tool {
  const found = host.find((tool) => tool.name === name);
  if (found) return found;
  const known = [...WORLD_TOOLS, ...host.map((tool) => tool.name)].join(', ');
  throw new ParleyError(
    'unknown-tool',
    `${persona.id} asks for the tool "${name}", which is not there; there are: ${known}`,
  );
}

type ClientEntry = Extract<Persona['tools'][number], { client: string }>;

function clientTool(entry: ClientEntry, callClient: CallClient): Tool {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, { type, values, description }] of Object.entries(entry.parameters)) {
    const [first, ...others] = values;
    const plain =
      first !== undefined
        ? z.enum([first, ...others])
        : type === 'number'
          ? z.number()
          : type === 'boolean'
            ? z.boolean()
            : z.string().max(500);
    shape[name] = description ? plain.describe(description) : plain;
  }
  return defineTool({
    name: entry.client,
    description: entry.description,
    parameters: z.object(shape),
    phrases: entry.phrases.map(
      (phrase) => new RegExp(`\\b${phrase.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&')}\\b`, 'iu'),
    ),
    run: async (args, context) => {
      const text = await callClient(entry.client, args, context);
      return { text, say: entry.say ?? text };
    },
  });
}
