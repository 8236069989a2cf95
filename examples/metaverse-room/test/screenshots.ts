/**
 * Takes the pictures that people should look at after a change to the page, the heads or the face model:
 *
 *     node test/screenshots.ts [address of a running server]
 *
 * They go to `shots/`. Without an address, a server with the real engines is started.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserOptions, launchBrowser } from './browser.ts';
import { startHall } from './e2e/hall-server.ts';
import type {} from './e2e/visitor-page.ts';

const FOLDER = path.resolve(import.meta.dirname, '../shots');
const NPCS = ['mira', 'orson'] as const;
const FACES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  neutral: { jawOpen: 0 },
  open: { jawOpen: 0.75, mouthLowerDownLeft: 0.25, mouthLowerDownRight: 0.25 },
  rounded: { jawOpen: 0.25, mouthFunnel: 0.6, mouthPucker: 0.6 },
  closed: { jawOpen: 0.25, mouthClose: 0.25, mouthPressLeft: 0.4, mouthPressRight: 0.4 },
  smile: { mouthSmileLeft: 0.8, mouthSmileRight: 0.8, cheekSquintLeft: 0.4, cheekSquintRight: 0.4 },
  blink: { eyeBlinkLeft: 1, eyeBlinkRight: 1, browDownLeft: 0.3, browDownRight: 0.3 },
};
/** Places worth a look: x, z, yaw, pitch. */
const PLACES: Readonly<Record<string, readonly [number, number, number, number]>> = {
  arrival: [0, -8.5, 0, 0.08],
  mira: [0.3, -0.9, 0, 0.04],
  orson: [4.5, 2.2, 0.74, 0.02],
  exhibits: [-3.4, 0.4, -0.6, 0.05],
  back: [0, 4.6, Math.PI, 0.08],
};

const only = process.argv.slice(2).filter((word) => !word.startsWith('http'));
const address = process.argv.slice(2).find((word) => word.startsWith('http'));
const wants = (group: string): boolean => only.length === 0 || only.includes(group);

mkdirSync(FOLDER, { recursive: true });
const hall = address ? undefined : await startHall({ greets: wants('meeting') });
const url = address ?? hall?.url ?? '';
try {
  if (wants('wide')) await shootPage('wide-light', { width: 1280, height: 720, colorScheme: 'light' });
  if (wants('phone'))
    await shootPage('phone-light', { width: 360, height: 740, colorScheme: 'light', touch: true });
  if (wants('phone'))
    await shootPage('phone-dark', { width: 360, height: 740, colorScheme: 'dark', touch: true });
  if (wants('heads')) await shootHeads();
  if (wants('meeting')) await shootMeeting('meeting', { width: 960, height: 600, colorScheme: 'light' });
  if (wants('meeting'))
    await shootMeeting('meeting-phone', { width: 360, height: 740, colorScheme: 'light', touch: true });
} finally {
  await hall?.close();
}

async function shootPage(name: string, options: BrowserOptions): Promise<void> {
  const browser = await openPage(options, 'medium');
  const { page } = browser;
  const shoot = async (what: string): Promise<void> => {
    await page.screenshot({ path: path.join(FOLDER, `${name}-${what}.png`) });
    console.log(`${name}-${what}`);
  };
  await shoot('door');
  await enter(browser);
  for (const [what, place] of Object.entries(PLACES)) {
    await page.evaluate((at) => window.orion.place(...at), place as [number, number, number, number]);
    await drawFrames(browser, 14);
    await shoot(what);
  }
  await page.click('.menu summary');
  await shoot('menu');
  await page.click('.menu summary');
  await page.evaluate((at) => window.orion.place(...at), PLACES.mira as [number, number, number, number]);
  await drawFrames(browser, 4);
  await page.fill('.say input', 'What is this place?');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.plate .bubble.thinking', { timeout: 20_000, state: 'attached' });
  await shoot('thinking');
  await page.waitForFunction(
    () => window.orion.app.connection?.parley.npcs.get('mira')?.status === 'speaking',
    undefined,
    {
      timeout: 60_000,
    },
  );
  await drawFrames(browser, 3);
  await shoot('speaking');
  await browser.close();
}

/** The greeting of who comes near, and a leaflet that is handed over, from its way to their hands. */
async function shootMeeting(name: string, options: BrowserOptions): Promise<void> {
  const browser = await openPage(options, 'low');
  const { page } = browser;
  const shoot = async (what: string): Promise<void> => {
    await page.screenshot({ path: path.join(FOLDER, `${name}-${what}.png`) });
    console.log(`${name}-${what}`);
  };
  const status = (wanted: string) =>
    page.waitForFunction(
      (word) => window.orion.app.connection?.parley.npcs.get('mira')?.status === word,
      wanted,
      { timeout: 60_000, polling: 50 },
    );
  const caption = (start: string) =>
    page.waitForFunction(
      (words) => window.orion.app.connection?.parley.npcs.get('mira')?.caption.includes(words),
      start,
      { timeout: 60_000, polling: 50 },
    );
  await enter(browser);
  for (const z of [-5, -3.4, -1.4]) {
    if (z !== -5) await drawFrames(browser, 2);
    await page.evaluate((at) => window.orion.place(0.3, at, 0, 0.04), z);
  }
  await status('speaking');
  await caption('Hello');
  await shoot('greeting');
  await caption('orrery');
  await shoot('greeting-late');
  await status('idle');
  await page.fill('.say input', 'Could you give me a leaflet, please?');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.orion.deeds().given.includes('leaflet'), undefined, {
    timeout: 60_000,
    polling: 20,
  });
  await shoot('leaflet-leaves');
  await page.waitForTimeout(600);
  await shoot('leaflet-on-its-way');
  await page.waitForTimeout(900);
  await shoot('leaflet-given');
  await page.waitForTimeout(1_500);
  await shoot('leaflet-later');
  await browser.close();
}

async function shootHeads(): Promise<void> {
  const browser = await openPage({ width: 420, height: 420 }, 'low');
  const { page } = browser;
  await enter(browser);
  await page.evaluate(() => window.orion.app.scene.getEngine().setHardwareScalingLevel(1));
  await page.addStyleTag({ content: '#page, #overlay, body::after { display: none !important }' });
  for (const npc of NPCS) {
    for (const [name, controls] of Object.entries(FACES)) {
      for (const [view, side] of [
        ['front', 0],
        ['side', 0.75],
      ] as const) {
        if (view === 'side' && name !== 'neutral' && name !== 'open' && name !== 'rounded') continue;
        await page.evaluate(
          ([id, values, angle]) => {
            window.orion.setFace(id, values);
            window.orion.closeUp(id, 0.8, angle);
          },
          [npc, controls, side] as const,
        );
        await drawFrames(browser, 3);
        await page.screenshot({ path: path.join(FOLDER, `head-${npc}-${name}-${view}.png`) });
      }
    }
    console.log(`heads of ${npc}`);
    await page.evaluate((id) => window.orion.closeUp(id, 0), npc);
  }
  await browser.close();
}

async function openPage(options: BrowserOptions, quality: string): Promise<Browser> {
  const browser = await launchBrowser(options);
  const { page } = browser;
  await page.goto(`${url}/?debug&quality=${quality}`);
  await page.waitForFunction(
    () => (document.querySelector('dialog progress') as HTMLProgressElement)?.value === 1,
  );
  await page.waitForFunction(() => (window.orion?.app.frames ?? 0) > 3, undefined, { timeout: 90_000 });
  return browser;
}

async function enter({ page }: Browser): Promise<void> {
  await page.fill('dialog input', 'Ada');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.orion.app.conversation !== undefined, undefined, {
    timeout: 120_000,
  });
}

async function drawFrames({ page }: Browser, count: number): Promise<void> {
  const drawn = await page.evaluate(() => window.orion.app.frames);
  await page.waitForFunction((frames) => window.orion.app.frames > frames, drawn + count, {
    timeout: 120_000,
  });
}
