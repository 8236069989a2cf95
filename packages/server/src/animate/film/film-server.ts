import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What the page may ask for. */
export interface FilmRoutes {
  /** Answer to `job.json`. */
  readonly job: unknown;
  /** Folders by their prefix with slashes, for instance `head/`; `''` is the page itself. */
  readonly folders: Readonly<Record<string, string>>;
  /** Answer to `next`. */
  next(): Promise<Uint8Array>;
  /** Takes bytes of the movie. */
  write(bytes: Uint8Array, position: number): Promise<void>;
}

/** A server for one page on this machine. */
export interface FilmServer {
  /** Address of the page. */
  readonly url: string;
  /** The first failure of `next` or `write`: it says more than the page can. */
  readonly failure: unknown;
  close(): void;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/**
 * Serves on the loopback interface, below a path that nobody else knows.
 * @throws Error where no port can be had.
 */
export async function startFilmServer(routes: FilmRoutes): Promise<FilmServer> {
  const secret = `/${randomBytes(16).toString('hex')}/`;
  const state: { failure: unknown } = { failure: undefined };
  const server = createServer((request, response) => {
    answer(request, response, secret, routes).catch((error) => {
      state.failure ??= error;
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${secret}index.html`,
    get failure() {
      return state.failure;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  secret: string,
  routes: FilmRoutes,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (!url.pathname.startsWith(secret)) return notFound(response);
  const name = decodeURIComponent(url.pathname.slice(secret.length));
  if (name === 'job.json') send(response, '.json', JSON.stringify(routes.job));
  else if (name === 'next') send(response, '', await routes.next());
  else if (name === 'write' && request.method === 'POST') {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    await routes.write(Buffer.concat(pieces), Number(url.searchParams.get('position')));
    response.writeHead(204).end();
  } else await sendFile(response, name, routes.folders);
}

async function sendFile(
  response: ServerResponse,
  name: string,
  folders: FilmRoutes['folders'],
): Promise<void> {
  const prefix = Object.keys(folders)
    .toSorted((a, b) => b.length - a.length)
    .find((start) => name.startsWith(start));
  if (prefix === undefined) return notFound(response);
  const folder = normalize(folders[prefix]! + sep);
  const file = normalize(join(folder, name.slice(prefix.length)));
  const found = file.startsWith(folder) ? await stat(file).catch(() => null) : null;
  if (!found?.isFile()) return notFound(response);
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
  await pipeline(createReadStream(file), response);
}

function send(response: ServerResponse, ending: string, body: string | Uint8Array): void {
  response.writeHead(200, { 'content-type': TYPES[ending] ?? 'application/octet-stream' }).end(body);
}

function notFound(response: ServerResponse): void {
  response.writeHead(404).end('not here');
}
