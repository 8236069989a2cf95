/** A small real MCP server on standard input and output, for tests: it counts stars. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const server = new McpServer({ name: 'stars', version: '1.0.0' });
server.registerTool(
  'count-stars',
  {
    description: 'Counts the stars of a constellation.',
    inputSchema: { constellation: z.enum(['orion', 'lyra']) },
  },
  ({ constellation }) => ({
    content: [
      { type: 'text', text: constellation === 'orion' ? 'Orion has seven bright stars.' : 'Lyra has five.' },
    ],
  }),
);
await server.connect(new StdioServerTransport());
