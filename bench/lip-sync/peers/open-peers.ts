import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { BROWSER_RATE_HZ } from '../read-clips.ts';
import { PAGE_RATE_HZ } from '../simple-lines.ts';
import type { VisemeTrack } from '../visemes.ts';
import type { WLipSyncProfile } from './calibrate-wlipsync.ts';

/** The peers' own files, from their packages, and our page. */
const FILES: Readonly<Record<string, string>> = {
  '/page.js': new URL('./page.js', import.meta.url).href,
  '/headaudio.mjs': import.meta.resolve('@met4citizen/headaudio/dist/headaudio.min.mjs'),
  '/headworklet.mjs': import.meta.resolve('@met4citizen/headaudio/dist/headworklet.min.mjs'),
  '/headaudio-model.bin': import.meta.resolve('@met4citizen/headaudio/dist/model-en-mixed.bin'),
  '/wawa-lipsync.mjs': import.meta.resolve('wawa-lipsync'),
  '/wlipsync.mjs': import.meta.resolve('wlipsync'),
};
/** Waits before the first sample, the next one where the one before was too short. */
const WARM_UPS_MS = [400, 2000, 10_000];
const HTML = '<!doctype html><title>peers</title><script type="module" src="/page.js"></script>';

/** What the page gives: raw events and smoothed tracks of each peer, see peers/page.js. */
export const PEER_TRACKS = [
  'headaudio-raw',
  'headaudio-smooth',
  'headaudio-mended-raw',
  'headaudio-mended-smooth',
  'wawa-raw',
  'wawa-smooth',
  'wlipsync-raw',
  'wlipsync-smooth',
] as const;

/** One of {@link PEER_TRACKS}. */
export type PeerTrack = (typeof PEER_TRACKS)[number];

/** A browser in which all peers hear the same clip. */
export interface Peers {
  /**
   * @param pcm Mono at {@link BROWSER_RATE_HZ}.
   * @param profile wLipSync's.
   */
  play(pcm: Float32Array, profile: WLipSyncProfile): Promise<Record<PeerTrack, VisemeTrack>>;
  close(): Promise<void>;
}

/**
 * Opens a page with all peers.
 * @param executablePath A browser of the Chromium family.
 */
export async function openPeers(executablePath: string): Promise<Peers> {
  let clip: Uint8Array = new Uint8Array(0);
  const server = createServer((request, response) => {
    answer(request, response, clip).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const closeServer = () => {
    server.closeAllConnections();
    server.close();
  };
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-quic', '--no-first-run'],
    });
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('window.playClip');
    return {
      async play(pcm, profile) {
        clip = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
        const options = { url: '/clip.f32', rateHz: BROWSER_RATE_HZ, fps: PAGE_RATE_HZ, profile };
        const lines = await playPatiently(page, options);
        const tracks = PEER_TRACKS.map((name): [PeerTrack, VisemeTrack] => [
          name,
          { rateHz: PAGE_RATE_HZ, weights: Float32Array.from(lines[name]) },
        ]);
        return Object.fromEntries(tracks) as Record<PeerTrack, VisemeTrack>;
      },
      async close() {
        await browser?.close();
        closeServer();
      },
    };
  } catch (error) {
    await browser?.close();
    closeServer();
    throw error;
  }
}

/** The page, the peers' files, and the clip that is being heard. */
async function answer(request: IncomingMessage, response: ServerResponse, clip: Uint8Array): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const send = (type: string, body: Uint8Array | string) =>
    response.writeHead(200, { 'content-type': type }).end(body);
  const file = FILES[path];
  if (path === '/') send('text/html', HTML);
  else if (path === '/clip.f32') send('application/octet-stream', clip);
  else if (file)
    send(
      path.endsWith('.bin') ? 'application/octet-stream' : 'text/javascript',
      await readFile(fileURLToPath(file)),
    );
  else response.writeHead(404).end();
}

/** The worklets say nothing when they are ready; where a machine was too busy for the shorter wait, the clip starts again with a longer one. */
async function playPatiently(page: Page, options: object): Promise<Record<PeerTrack, number[]>> {
  let failure: unknown;
  for (const warmUpMs of WARM_UPS_MS)
    try {
      return await page.evaluate(`window.playClip(${JSON.stringify({ ...options, warmUpMs })})`);
    } catch (error) {
      failure = error;
    }
  throw failure;
}
