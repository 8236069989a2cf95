import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Server, type ServerOptions } from '@colyseus/core';
import { WebSocketTransport } from '@colyseus/ws-transport';
import { ParleyError, readManifest } from '@parley/sdk';
import express, { type Application } from 'express';
import type { Engines } from '../engines/contracts.ts';
import { createEngines } from '../engines/create-engines.ts';
import type { EngineOptions } from '../engines/engine-options.ts';
import { NpcMemory } from '../memory/npc-memory.ts';
import { openLazily } from '../memory/open-memory.ts';
import { loadPersonas } from '../persona/load-personas.ts';
import type { Persona } from '../persona/persona.ts';
import { watchPersonas } from '../persona/watch-personas.ts';
import { cacheFolder } from '../weights/index.ts';
import type { ParleyHandle } from './attach-parley.ts';
import { engineOptionsFor } from './engine-options-for.ts';
import { createParleyRoom, type ParleyRoomOptions } from './parley-room.ts';
import { connectRedis } from './redis.ts';
import { loadRoomFile } from './room-file.ts';
import { warmUp } from './warm-up.ts';

/** What to serve and where. */
export interface ServeOptions {
  /** Default 2567; 0 takes a free one. */
  readonly port?: number;
  /** Address to listen on. Default: all of them. */
  readonly hostname?: string;
  /** Folder with `<id>/persona.yaml` files and, if there is one, `room.yaml`. */
  readonly personasFolder: string;
  /** Folder of the built page; nothing is served at `/` without it. */
  readonly staticFolder?: string;
  /** Folder of the face model's `manifest.json`, served at `/parley/`. */
  readonly exportsFolder: string;
  /** Engines to use; loaded by `engineOptions` when absent. */
  readonly engines?: Engines;
  readonly engineOptions?: EngineOptions;
  /** Redis that several processes share, so that they share one list of rooms. */
  readonly redisUrl?: string;
  /** With Redis: how clients reach this process, `host:port` or `host/path`. Default: localhost and the port. */
  readonly publicAddress?: string;
  /** Further settings of the room. */
  readonly room?: Partial<ParleyRoomOptions>;
  /** Whether SIGTERM and SIGINT end the process after closing the rooms. Default false. */
  readonly handleSignals?: boolean;
  /** Whether each engine is run once before the first visitor comes. Default true. */
  readonly warm?: boolean;
  /**
   * Where NPCs remember visitors: the path of an SQLite file, `postgres://…`, or `none`. Default: `memory.sqlite` in Parley's
   * cache folder, made when the first visitor lets themselves be remembered.
   */
  readonly memoryUrl?: string;
  /** Days after which a visitor who has not come back is forgotten. Default 90. */
  readonly retentionDays?: number;
  /** Whether a changed file of a persona takes effect without a restart. Default true. */
  readonly watchPersonas?: boolean;
  /** Told what is going on, for people. */
  readonly onProgress?: (message: string) => void;
}

/** A server that runs. */
export interface Serving {
  readonly url: string;
  readonly port: number;
  readonly engines: Engines;
  /** The NPCs of the rooms of this process. */
  readonly rooms: ReadonlySet<ParleyHandle>;
  /** Closes the rooms, then the engines that it loaded. */
  close(): Promise<void>;
}

/** Name under which the room is defined. */
export const ROOM_NAME = 'parley';
/** A message holds at most one second of speech; Colyseus' own limit of 4 KB would be enough for packets only. */
const MAX_PAYLOAD_BYTES = 64 * 1024;

/**
 * Runs a room server: Colyseus, the page's files, the face model's files and `/health`.
 * @throws {ParleyError} with what to do: a missing folder, a port that is taken, a Redis that does not answer.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { personasFolder, exportsFolder, staticFolder, hostname, onProgress = () => {} } = options;
  const port = await freePort(options.port ?? 2567, hostname);
  const personas: Persona[] = await loadPersonas(personasFolder);
  const roomFile = await loadRoomFile(personasFolder);
  const faceManifest = await loadManifest(exportsFolder);
  const redis = options.redisUrl ? await connectRedis(options.redisUrl) : null;
  onProgress('Loading the engines…');
  const engines =
    options.engines ?? (await createEngines(await engineOptionsFor(personas, options.engineOptions)));
  const memory = openNpcMemory(options);
  const rooms = new Set<ParleyHandle>();
  const unwatch =
    (options.watchPersonas ?? true)
      ? watchPersonas(personasFolder, {
          onPersona: (persona) => {
            try {
              for (const room of rooms) room.updatePersona(persona);
            } catch (error) {
              onProgress(`${(error as Error).message}. ${persona.name} stays as before.`);
              return;
            }
            // Rooms that open later read the same list.
            const index = personas.findIndex(({ id }) => id === persona.id);
            personas.splice(index < 0 ? personas.length : index, 1, persona);
            onProgress(`${persona.name} was read anew.`);
          },
          onFault: (error) => onProgress(`${error.message}\nThe persona stays as before.`),
        })
      : () => {};
  const close = async () => {
    unwatch();
    await memory?.close();
    if (!options.engines) await engines.close();
  };
  try {
    if (options.warm ?? true) await warmUp(engines, personas, faceManifest);
    const address = `${hostname && hostname !== '0.0.0.0' ? hostname : 'localhost'}:${port}`;
    const server = createColyseus(
      options,
      redis && { ...redis, publicAddress: options.publicAddress ?? address },
      (app) => {
        app.get('/health', (_request, response) => {
          response.json({
            ok: true,
            uptimeS: Math.round(process.uptime()),
            rooms: rooms.size,
            engines: engines.info,
          });
        });
        app.use('/parley', express.static(exportsFolder, { fallthrough: false }));
        if (staticFolder) servePage(app, staticFolder);
      },
    );
    server.define(
      ROOM_NAME,
      createParleyRoom({
        ...roomFile,
        engines,
        personas,
        faceManifest,
        memory,
        ...options.room,
        onAttach: (handle) => rooms.add(handle),
        onDetach: (handle) => rooms.delete(handle),
      }),
    );
    if (options.handleSignals) server.onShutdown(close);
    await server.listen(port, hostname).catch((error) => {
      throw portTaken(port, error);
    });
    return {
      url: `http://${address}`,
      port,
      engines,
      rooms,
      close: async () => {
        await server.gracefullyShutdown(false);
        if (!options.handleSignals) await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function openNpcMemory({ memoryUrl, retentionDays }: ServeOptions): NpcMemory | undefined {
  if (memoryUrl === 'none') return undefined;
  const url = memoryUrl ?? join(cacheFolder(), 'memory.sqlite');
  return new NpcMemory(openLazily(url), retentionDays === undefined ? {} : { retentionDays });
}

function createColyseus(
  options: ServeOptions,
  redis: Pick<ServerOptions, 'presence' | 'driver' | 'publicAddress'> | null,
  express: (app: Application) => void,
): Server {
  return new Server({
    greet: false,
    gracefullyShutdown: options.handleSignals ?? false,
    transport: new WebSocketTransport({ maxPayload: MAX_PAYLOAD_BYTES }),
    express,
    ...redis,
  });
}

function servePage(app: Application, folder: string): void {
  if (!existsSync(join(folder, 'index.html')))
    throw new ParleyError(
      'no-page',
      `${folder} has no index.html; build the page first, or leave --static out`,
    );
  // The bundler names these by their content.
  app.use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y' }));
  app.use(express.static(folder));
}

async function loadManifest(folder: string) {
  const path = join(folder, 'manifest.json');
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new ParleyError(
      'bad-manifest',
      `${path} cannot be read; name the exports folder with --exports`,
      error,
    );
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message;
    throw new ParleyError(
      'bad-manifest',
      `${path} is not valid JSON (${reason}); export the face model again`,
      error,
    );
  }
  return readManifest(json);
}

/** The port, or a free one for 0. Colyseus would hang on a port that is taken. */
function freePort(port: number, hostname?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(portTaken(port, error)));
    probe.listen(port, hostname, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}

function portTaken(port: number, error: Error): ParleyError {
  return new ParleyError(
    'port-taken',
    `Port ${port} cannot be used (${error.message}); choose another with --port`,
    error,
  );
}
