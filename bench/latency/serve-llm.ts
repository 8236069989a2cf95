/**
 * The small language model behind an OpenAI-compatible API, in a process of its own: what a server elsewhere costs beside the
 * network. `node latency/serve-llm.ts` prints its URL and serves until it is killed.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type ChatMessage, createThinkingEngines } from '@parley/server';

interface Asked {
  readonly messages: readonly ChatMessage[];
  readonly max_tokens?: number;
  readonly temperature?: number;
}

const { llm } = await createThinkingEngines({ embed: { model: 'none' } });
const server = createServer((request, response) => {
  void answer(request, response).catch((error: Error) => {
    if (!response.headersSent) response.writeHead(500);
    response.end(JSON.stringify({ error: { message: error.message } }));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) process.stdout.write(`http://127.0.0.1:${address.port}/v1\n`);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let body = '';
  for await (const chunk of request) body += chunk;
  const { messages, max_tokens: maxTokens = 60, temperature = 0 } = JSON.parse(body) as Asked;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (delta: object, finish: string | null) =>
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
  for await (const part of llm.generate({ messages, maxTokens, temperature }, gone.signal))
    if (part.type === 'text-delta') send({ content: part.text }, null);
    else if (part.type === 'finish') send({}, part.reason);
  response.end('data: [DONE]\n\n');
}
