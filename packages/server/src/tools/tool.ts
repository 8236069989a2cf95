import { z } from 'zod';

/** Where and for whom a tool is called. */
export interface ToolContext {
  /** Id of the NPC that acts. */
  readonly npc: string;
  /** Session id of the visitor who asked for it. */
  readonly speakerId: string;
  readonly signal: AbortSignal;
}

/** What came of a call. */
export interface ToolResult {
  /** For the model, and for people who read along. */
  readonly text: string;
  /** What the NPC says of it, where no model words it. */
  readonly say?: string;
}

/** Something an NPC can do. Made with {@link defineTool}, from persona.yaml, or by an MCP server. */
export interface Tool {
  /** Lower-case words joined by dashes or underscores. */
  readonly name: string;
  /** What it does and when, for the model. */
  readonly description: string;
  /** Its arguments, checked before each call. */
  readonly parameters: z.ZodType<Record<string, unknown>>;
  /** The same as JSON Schema, for the model. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** How visitors ask for it in English; with a small model that decides. */
  readonly phrases: readonly RegExp[];
  /** @throws Where it cannot be done, with words for the model. */
  run(args: Record<string, unknown>, context: ToolContext): Promise<ToolResult>;
}

/**
 * A function of the host's as a tool.
 * @param tool Its arguments are a `z.object`; `run` gets them checked.
 * @throws {TypeError} for a name that no model would take.
 */
export function defineTool<P extends z.ZodObject>(tool: {
  readonly name: string;
  readonly description: string;
  readonly parameters: P;
  readonly phrases?: readonly RegExp[];
  run(args: z.infer<P>, context: ToolContext): Promise<ToolResult | string> | ToolResult | string;
}): Tool {
  if (!/^[a-z][a-z0-9_-]{0,63}$/u.test(tool.name))
    throw new TypeError(
      `"${tool.name}" is no name for a tool; use lower-case letters, digits, dashes and underscores`,
    );
  return {
    name: tool.name,
    description: tool.description,
    parameters: tool.parameters as unknown as Tool['parameters'],
    schema: withoutDialect(z.toJSONSchema(tool.parameters, { io: 'input' })),
    phrases: tool.phrases ?? [],
    run: async (args, context) => {
      const result = await tool.run(args as z.infer<P>, context);
      return typeof result === 'string' ? { text: result } : result;
    },
  };
}

function withoutDialect({ $schema: _, ...schema }: Record<string, unknown>): Record<string, unknown> {
  return schema;
}
