import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Weight, WeightsManifest } from '../../src/weights/index.ts';

/** What the server does with one request; the default serves ranges as RFC 9110 says. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, serve: () => void) => void;

/** A file host on the loopback, with a record of the requests that reached it. */
export interface WeightServer extends AsyncDisposable {
  readonly url: string;
  /** The `Range` header of each request, in order; undefined for a whole file. */
  readonly ranges: (string | undefined)[];
}

/** Serves `bytes` at any path, with Range support, unless `behaviour` decides otherwise. */
export async function startWeightServer(bytes: Uint8Array, behaviour?: Behaviour): Promise<WeightServer> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    const serve = () => serveRange(request, response, bytes);
    if (behaviour) behaviour(request, response, serve);
    else serve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/file.bin`,
    ranges,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The first byte that a request asks for. */
export function rangeStart(request: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
}

function serveRange(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array): void {
  const start = rangeStart(request);
  if (start >= bytes.length) {
    response.writeHead(416).end();
    return;
  }
  const headers: Record<string, string | number> = { 'content-length': bytes.length - start };
  if (start > 0) headers['content-range'] = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
  response.writeHead(start > 0 ? 206 : 200, headers);
  response.end(bytes.subarray(start));
}

/** Bytes that differ everywhere, so that a misplaced range shows. */
export function patternBytes(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let state = 1;
  for (let i = 0; i < sizeBytes; i++) {
    state = (state * 48271) % 2147483647;
    bytes[i] = state & 255;
  }
  return bytes;
}

/** A weight called `tiny` with these bytes and sources. */
export function tinyWeight(bytes: Uint8Array, sources: Weight['sources']): Weight {
  return {
    id: 'tiny',
    set: 'tiny',
    for: 'tests',
    engine: 'vad',
    version: '1',
    group: 'default',
    file: 'tiny.bin',
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    licence: 'CC0-1.0',
    sources,
  };
}

/** A manifest of these weights. */
export function manifestOf(...weights: Weight[]): WeightsManifest {
  return { format: 'parley-weights', version: 1, weights };
}
