import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';
import { findChromium } from './find-chromium.ts';

/** WebGL2 on the CPU. */
export const WEBGL = [
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  // A busy machine's GPU process is slow, not dead.
  '--disable-gpu-watchdog',
];
/** WebGPU on the CPU. */
export const WEBGPU = [
  ...WEBGL,
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--disable-vulkan-surface',
];
/** Sound without a gesture. */
export const SOUND = ['--autoplay-policy=no-user-gesture-required'];

/** A microphone that plays a WAV file once. */
export function fakeMicrophone(wavPath: string): string[] {
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${wavPath}%noloop`,
  ];
}

/** The test page in a browser. */
export interface OpenPage {
  readonly page: Page;
  close(): Promise<void>;
}

/** False where there is no browser. */
export const hasBrowser = findChromium() !== undefined;

const repository = join(import.meta.dirname, '../../../..');
const FOLDERS: Record<string, string> = {
  // Another export of the model may be tried.
  '/parley/': process.env.PARLEY_EXPORTS ?? join(repository, 'models/exports'),
  '/heads/': join(repository, 'examples/metaverse-room/public/heads'),
};
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** Opens the test page in a fresh browser. */
export async function openPage(flags: string[]): Promise<OpenPage> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    const prefix = Object.keys(FOLDERS).find((folder) => path.startsWith(folder));
    const file = prefix ? join(FOLDERS[prefix], path.slice(prefix.length)) : join(inject('pageFolder'), path);
    if (!existsSync(file) || statSync(file).isDirectory()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const profile = await mkdtemp(join(tmpdir(), 'parley-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    headless: true,
    handleSIGTERM: false,
    handleSIGINT: false,
    ignoreDefaultArgs: ['--headless', '--mute-audio'],
    args: ['--headless=new', '--no-sandbox', '--disable-quic', '--no-first-run', '--mute-audio', ...flags],
    viewport: { width: 640, height: 480 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('pageerror', (error) => process.stdout.write(`page error: ${error.message}\n`));
  page.on('console', (message) => {
    if (message.type() === 'error' || process.env.VERBOSE) process.stdout.write(`page: ${message.text()}\n`);
  });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`);
  await page.waitForFunction('window.parleyTest');
  return {
    page,
    async close() {
      await context.close();
      server.closeAllConnections();
      server.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
