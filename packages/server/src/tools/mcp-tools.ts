import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ParleyError } from '@parley/sdk';
import { z } from 'zod';
import type { Tool } from './tool.ts';

/** An MCP server: a program to start, or a URL. */
export interface McpServer {
  /** Named in errors. */
  readonly mcp: string;
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly url?: string;
  /** Only these of its tools. Default: all. */
  readonly only?: readonly string[];
}

/** Longest wait for the server to start, and for one call, ms. */
const PATIENCE_MS = 15_000;
/** A result longer than this would fill a small model's memory. */
const LONGEST_RESULT = 2_000;

/**
 * The tools of a server that speaks the Model Context Protocol (https://modelcontextprotocol.io).
 * @throws {ParleyError} `tool-server-failed` when it does not start or answer.
 */
export async function connectMcp(
  server: McpServer,
): Promise<{ readonly tools: Tool[]; close(): Promise<void> }> {
  const client = new Client({ name: 'parley', version: '0.1.0' });
  const fail = (error: unknown) =>
    new ParleyError(
      'tool-server-failed',
      `The MCP server "${server.mcp}" does not work (${(error as Error).message}); check its ${server.url ? 'url' : 'command'} in persona.yaml`,
      error,
    );
  try {
    const transport = server.url
      ? new StreamableHTTPClientTransport(new URL(server.url))
      : new StdioClientTransport({
          command: server.command ?? '',
          args: [...(server.args ?? [])],
          env: { ...server.env },
          stderr: 'ignore',
        });
    // The two sides of the library disagree about an optional field.
    await client.connect(transport as Parameters<Client['connect']>[0], { timeout: PATIENCE_MS });
    const { tools } = await client.listTools(undefined, { timeout: PATIENCE_MS });
    const wanted = tools.filter(({ name }) => server.only?.includes(name) ?? true);
    return { tools: wanted.map((tool) => toTool(client, tool)), close: () => client.close() };
  } catch (error) {
    await client.close().catch(() => {});
    throw fail(error);
  }
}

interface ListedTool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

function toTool(client: Client, { name, description = name, inputSchema }: ListedTool): Tool {
  return {
    name,
    description,
    // The server checks its arguments itself.
    parameters: z.record(z.string(), z.unknown()),
    schema: inputSchema,
    phrases: [new RegExp(`\\b${name.replaceAll(/[-_]/gu, '[ -]')}\\b`, 'iu')],
    async run(args, { signal }) {
      const result = await client.callTool({ name, arguments: args }, undefined, {
        signal,
        timeout: PATIENCE_MS,
      });
      const parts = Array.isArray(result.content)
        ? (result.content as { type: string; text?: string }[])
        : [];
      const text = parts
        .map((part) => (part.type === 'text' ? (part.text ?? '') : `[${part.type}]`))
        .join('\n')
        .slice(0, LONGEST_RESULT);
      if (result.isError) throw new Error(text || `${name} failed`);
      return { text, say: text };
    },
  };
}
