import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a scripted endpoint heard. */
export interface HeardRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Buffer;
}

export interface ScriptedEndpoint {
  /** Base URL, ending in `/v1`. */
  readonly url: string;
  readonly heard: HeardRequest[];
  /** Resolves when a client has broken off its request. */
  readonly brokenOff: Promise<void>;
  close(): Promise<void>;
}

/** A local HTTP server that answers every request as `answer` says. */
export async function scriptedEndpoint(
  answer: (request: HeardRequest, response: ServerResponse) => void | Promise<void>,
): Promise<ScriptedEndpoint> {
  const heard: HeardRequest[] = [];
  const { promise: brokenOff, resolve: onBrokenOff } = Promise.withResolvers<void>();
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.on('close', () => {
      if (!response.writableFinished) onBrokenOff();
    });
    const { authorization } = request.headers;
    const one = { path: request.url ?? '', authorization, body: Buffer.concat(chunks) };
    heard.push(one);
    await answer(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    heard,
    brokenOff,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
