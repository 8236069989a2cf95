import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The Chromium or Chrome of this machine: CHROMIUM_PATH, else the usual places; undefined if there is none. */
export function findChromium(): string | undefined {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted) return existsSync(wanted) ? wanted : undefined;
  return CANDIDATES.find((candidate) => existsSync(candidate));
}

/** A browser of one's own, with one page. */
export interface Browser {
  readonly context: BrowserContext;
  readonly page: Page;
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly width?: number;
  readonly height?: number;
  /** WAV file that plays into the fake microphone, once, from the moment the microphone opens. */
  readonly microphoneWav?: string;
  /** False refuses the microphone. */
  readonly microphoneAllowed?: boolean;
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce' | 'no-preference';
  readonly touch?: boolean;
}

/** Starts headless Chromium with WebGL2 in software, so that it runs on a machine without a graphics card. */
export async function launchBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('no Chromium found; install it or set CHROMIUM_PATH');
  const profileFolder = mkdtempSync(path.join(tmpdir(), 'orion-hall-'));
  const args = [
    '--headless=new',
    '--no-sandbox',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--use-gl=angle',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--ignore-gpu-blocklist',
    '--autoplay-policy=no-user-gesture-required',
    // Pages in the background keep their pace: the test has several at once.
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
  ];
  if (options.microphoneAllowed !== false) args.push('--use-fake-ui-for-media-stream');
  args.push('--use-fake-device-for-media-stream');
  if (options.microphoneWav) args.push(`--use-file-for-fake-audio-capture=${options.microphoneWav}%noloop`);
  const context = await chromium.launchPersistentContext(profileFolder, {
    executablePath,
    headless: true,
    handleSIGTERM: false,
    handleSIGINT: false,
    ignoreDefaultArgs: ['--headless', '--mute-audio'],
    args,
    viewport: { width: options.width ?? 480, height: options.height ?? 320 },
    colorScheme: options.colorScheme ?? 'light',
    reducedMotion: options.reducedMotion ?? 'no-preference',
    hasTouch: options.touch ?? false,
  });
  // Software rendering on a busy machine is slow.
  context.setDefaultTimeout(120_000);
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('console', (message) => {
    if (message.type() === 'error' || process.env.PARLEY_VERBOSE)
      console.log(`[page] ${message.text().slice(0, 600)}`);
  });
  page.on('pageerror', (error) => console.log(`[page error] ${error.message.slice(0, 600)}`));
  return {
    context,
    page,
    close: async () => {
      await context.close();
      rmSync(profileFolder, { recursive: true, force: true });
    },
  };
}
