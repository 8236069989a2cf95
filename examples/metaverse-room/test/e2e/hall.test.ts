import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../browser.ts';
import { ASK_FOR_STORY, type HallServer, startHall } from './hall-server.ts';
import { type SpokenClip, writeSpokenClip } from './spoken-clip.ts';
import {
  goTo,
  median,
  openDoor,
  pace,
  type VisitorPage,
  waitForSilence,
  waitForSpeech,
} from './visitor-page.ts';

const chromium = findChromium();
if (!chromium)
  console.log('Orion Hall in a browser: skipped, no Chromium found; install it or set CHROMIUM_PATH.');

/** How long the two who hear the same utterance are watched. */
const TOGETHER_MS = 9_000;
/** Lips move when jawOpen - mouthClose covers at least this much while somebody speaks. */
const LIPS_MOVE = 0.04;
/** Face and voice may differ by this much, ms. */
const SYNC_MS = 20;

describe.skipIf(!chromium)('Orion Hall, with real engines in real browsers', () => {
  let hall: HallServer;
  let clip: SpokenClip;
  let ada: VisitorPage;
  let ben: VisitorPage;
  const open: VisitorPage[] = [];

  beforeAll(async () => {
    hall = await startHall({ talkative: true });
    const microphoneWav = path.join(hall.folder, 'microphone.wav');
    clip = await writeSpokenClip(microphoneWav, hall.engines);
    console.log(`the spoken clip is ${clip.origin}`);
    ada = await openDoor(hall.url, { microphoneWav });
    open.push(ada);
    await ada.enter('Ada');
    ben = await openDoor(hall.url, { microphoneAllowed: false });
    open.push(ben);
    await ben.enter('Ben');
  });

  afterAll(async () => {
    for (const visitor of open) await visitor.close();
    await hall?.close();
  });

  it('leads who comes in to the guide', async () => {
    await expect.poll(() => ben.page.locator('.hint').textContent(), { timeout: 30_000 }).toContain('Mira');
  });

  it('lets visitors see each other walk', async () => {
    await ada.page.evaluate(() => window.orion.place(0.4, -1.2, 0));
    await expect
      .poll(
        () =>
          ben.page.evaluate(() => {
            const players = [...window.orion.app.room!.state.players.values()] as {
              name: string;
              z: number;
            }[];
            return players.find(({ name }) => name === 'Ada')?.z;
          }),
        { timeout: 30_000 },
      )
      .toBeCloseTo(-1.2, 1);
    expect(await ben.page.evaluate(() => window.orion.app.visitors.count)).toBe(1);
    expect(await ben.page.locator('.plate .name', { hasText: 'Ada' }).count()).toBe(1);
  });

  it('hears a spoken question and answers in voice, lips moving with it', async () => {
    await pace(ben, 2);
    await goTo(ada, 'Mira', [0.4, -1.2, 0]);
    await ada.page.click('.open-mic');
    await ada.page.waitForFunction(
      (word) => new RegExp(word, 'i').test(document.querySelector('.captions')?.textContent ?? ''),
      clip.word.source,
      { timeout: 90_000 },
    );
    const utterance = await waitForSpeech(ada.page, 'mira');
    await ada.page.click('.open-mic');
    await waitForSilence(ada.page);
    await waitForSilence(ben.page);
    const frames = (await ada.page.evaluate(() => window.spoken)).filter(
      (frame) => frame.utterance === utterance,
    );
    expect(frames.length).toBeGreaterThan(4);
    expect(Math.max(...frames.map(({ rms }) => rms))).toBeGreaterThan(0.005);
    const gaps = frames.map(({ lipGap }) => lipGap);
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(LIPS_MOVE);
    const errors = frames
      .map(({ syncErrorMs }) => Math.abs(syncErrorMs))
      .filter((error) => !Number.isNaN(error));
    console.log(
      `${frames.length} frames, face against voice: median ${median(errors).toFixed(1)} ms, worst ${Math.max(...errors).toFixed(1)} ms`,
    );
    expect(median(errors)).toBeLessThanOrEqual(SYNC_MS);

    const [here, there] = await Promise.all(
      [ada, ben].map(({ page }) => page.evaluate((id) => window.orion.codes()[id], utterance)),
    );
    expect(Object.keys(here).length).toBeGreaterThan(5);
    expect(there).toEqual(here);
  });

  it('answers typed words; who joins meanwhile gets the rest, in step', { timeout: 480_000 }, async () => {
    await pace(ada, 1);
    await pace(ben, 10);
    await goTo(ben, 'Orson', [4.3, 1.7, 0.7]);
    const cleo = await openDoor(hall.url);
    open.push(cleo);
    await type(ben, ASK_FOR_STORY);
    const utterance = await waitForSpeech(ben.page, 'orson');
    // Coming in takes long on a processor that draws; meanwhile the others hardly do.
    await pace(ben, 1);
    await cleo.enter('Cleo');
    await cleo.page.evaluate(() => window.orion.place(4.7, 1.5, 0.4));
    await pace(ben, 10);
    expect(await waitForSpeech(cleo.page, 'orson')).toBe(utterance);
    await new Promise((resolve) => setTimeout(resolve, TOGETHER_MS));
    const reportOf = async ({ page }: VisitorPage) => ({
      codes: await page.evaluate((id) => window.orion.codes()[id], utterance),
      frames: (await page.evaluate(() => window.spoken)).filter((frame) => frame.utterance === utterance),
    });
    // The one who came late is asked first: what she has by now, the other has had for long.
    const late = await reportOf(cleo);
    const early = await reportOf(ben);
    const missed = Object.keys(early.codes).length - Object.keys(late.codes).length;
    console.log(`joined ${missed} blocks late, got ${Object.keys(late.codes).length}`);
    expect(missed).toBeGreaterThan(0);
    expect(Object.keys(late.codes).length).toBeGreaterThan(5);
    for (const [sample, codes] of Object.entries(late.codes)) expect(early.codes[Number(sample)]).toBe(codes);
    // In step: the same sample at the same time of the room, whoever plays it. A starved machine lets a voice fall behind
    // the room's clock, and the player says by how much; without that there must be nothing between the two.
    const lastThird = late.frames.slice(Math.floor((late.frames.length * 2) / 3));
    const fromMs = lastThird[0].roomMs;
    const since = ({ frames }: typeof early) => frames.filter(({ roomMs }) => roomMs >= fromMs);
    const zeroMs = (report: typeof early): number =>
      median(since(report).map(({ roomMs, faceSample, lagMs }) => roomMs - faceSample / 24 - lagMs));
    const behindMs = (report: typeof early): string =>
      median(since(report).map(({ lagMs }) => lagMs)).toFixed(0);
    const stepMs = zeroMs(late) - zeroMs(early);
    console.log(
      `out of step by ${stepMs.toFixed(1)} ms; starved by ${behindMs(early)} and ${behindMs(late)} ms`,
    );
    expect(Math.abs(stepMs)).toBeLessThan(60);
    const gaps = early.frames.map(({ lipGap }) => lipGap);
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(LIPS_MOVE);
    await cleo.close();
    open.splice(open.indexOf(cleo), 1);
    await type(ben, 'Thank you, that is enough.');
    await waitForSilence(ben.page);
  });

  it('shows controls on both kinds of head: an open mouth changes the picture of the mouth', async () => {
    await pace(ada, 60);
    await pace(ben, 1);
    await ada.page.evaluate(() => {
      // Breathing would move the face across the picture.
      window.orion.app.scene.animationsEnabled = false;
    });
    for (const npc of ['mira', 'orson']) {
      await ada.page.evaluate((id) => window.orion.closeUp(id, 0.7), npc);
      const shut = await mouthPixels(ada, npc, 0);
      const again = await mouthPixels(ada, npc, 0);
      const wide = await mouthPixels(ada, npc, 0.8);
      console.log(
        `${npc}: ${differing(shut, again)} of the mouth changes by itself, ${differing(shut, wide)} when it opens`,
      );
      expect(differing(shut, wide), `${npc}'s mouth`).toBeGreaterThan(0.03);
      expect(differing(shut, again)).toBeLessThan(differing(shut, wide) / 3);
      await ada.page.evaluate((id) => {
        window.orion.setFace(id, {});
        window.orion.closeUp(id, 0);
      }, npc);
    }
    await ada.page.evaluate(() => {
      window.orion.app.scene.animationsEnabled = true;
    });
  });

  it('stops when it is interrupted', async () => {
    await goTo(ada, 'Mira', [0.4, -1.2, 0]);
    await ada.page.fill(
      '.say input',
      'Please tell me all that you know about the orrery, the telescope and the moon rock.',
    );
    await ada.page.keyboard.press('Enter');
    const utterance = await waitForSpeech(ada.page, 'mira');
    await ada.page.evaluate(() => {
      window.stops = [];
    });
    // The recording begins to play with the microphone: somebody talks over Mira.
    await ada.page.click('.open-mic');
    await ada.page.waitForFunction(() => window.stops.length > 0, undefined, { timeout: 30_000 });
    const quiet = await ada.page.evaluate(async () => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      window.loudness = 0;
      await new Promise((resolve) => setTimeout(resolve, 250));
      return { loudness: window.loudness, utterance: window.spoken.at(-1)?.utterance };
    });
    if (quiet.utterance === utterance) expect(quiet.loudness).toBeLessThan(0.003);
    await ada.page.click('.open-mic');
    await waitForSilence(ada.page);
  });

  it('says what to do when the microphone is refused, and works by keyboard alone', async () => {
    const { page } = ben;
    await pace(ada, 1);
    await pace(ben, 10);
    await goTo(ben, 'Mira', [0.6, -1.6, 0]);
    await page.locator('#view').focus();
    await page.keyboard.press('KeyM');
    await expect
      .poll(() => page.textContent('.activity'), { timeout: 20_000 })
      .toMatch(/microphone is blocked/i);
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('view');
    const before = await page.evaluate(() => window.orion.app.me.walker.z);
    await page.keyboard.down('ArrowDown');
    await page.waitForFunction((z) => window.orion.app.me.walker.z < z - 0.4, before, { timeout: 20_000 });
    await page.keyboard.up('ArrowDown');
  });
});

/** Types something to whom the visitor talks to, by keyboard alone. */
async function type({ page }: VisitorPage, words: string): Promise<void> {
  await page.locator('#view').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
}

/** Pixels around an NPC's mouth with the jaw at a value, as brightness. */
async function mouthPixels(visitor: VisitorPage, npc: string, jawOpen: number): Promise<number[]> {
  await visitor.page.evaluate(([id, value]) => window.orion.setFace(id, { jawOpen: value }), [
    npc,
    jawOpen,
  ] as const);
  const drawn = await visitor.page.evaluate(() => window.orion.app.frames);
  await visitor.page.waitForFunction((frames) => window.orion.app.frames > frames + 4, drawn, {
    timeout: 60_000,
  });
  return visitor.page.evaluate((id) => window.orion.pixelsBelowEyes(id), npc);
}

/** Share of pixels whose brightness differs clearly. */
function differing(a: readonly number[], b: readonly number[]): number {
  return a.filter((value, i) => Math.abs(value - b[i]) > 18).length / a.length;
}
