import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../browser.ts';
import { type HallServer, startHall } from './hall-server.ts';
import { goTo, openDoor, pace, type VisitorPage, waitForSilence } from './visitor-page.ts';

const chromium = findChromium();
if (!chromium)
  console.log('Guide and shopkeeper: skipped, no Chromium found; install it or set CHROMIUM_PATH.');

describe.skipIf(!chromium)(
  'a guide who knows and a shopkeeper who acts, with real engines in a real browser',
  () => {
    let hall: HallServer;
    let ada: VisitorPage;

    beforeAll(async () => {
      hall = await startHall();
      ada = await openDoor(hall.url);
      await ada.enter('Ada');
      // Engines and drawing share the processor.
      await pace(ada, 4);
      // Lines of the captions go after a while; what was ever said is kept.
      await ada.page.evaluate(() => {
        const lines: string[] = [];
        Object.assign(window, { lines });
        const list = document.querySelector('.captions');
        if (!list) throw new Error('there are no captions');
        new MutationObserver(() => {
          for (const item of list.children) lines.push(item.textContent ?? '');
        }).observe(list, { childList: true, subtree: true, characterData: true });
      });
    });

    afterAll(async () => {
      await ada?.close();
      await hall?.close();
    });

    /** Types words to whom the visitor stands before, and waits for a line of the captions. */
    async function say(words: string, answer: RegExp): Promise<string> {
      await ada.page.fill('.say input', words);
      await ada.page.keyboard.press('Enter');
      return hears(answer);
    }

    async function hears(answer: RegExp): Promise<string> {
      const { page } = ada;
      const line = await page.waitForFunction(
        ([source, flags]) => {
          const { lines } = window as unknown as { readonly lines: readonly string[] };
          return lines.findLast((text) => new RegExp(source, flags).test(text));
        },
        [answer.source, answer.flags] as const,
        { timeout: 90_000, polling: 100 },
      );
      return String(await line.jsonValue());
    }

    it('the guide answers from her folder, and says when she does not know', async () => {
      await goTo(ada, 'Mira', [0.4, -1.2, 0]);
      expect(await say('How heavy is the orrery?', /^Mira: .*tonnes/iu)).toMatch(/four/iu);
      await waitForSilence(ada.page);
      await say('What is the capital of France?', /^Mira: .*do not know/iu);
      await waitForSilence(ada.page);
    });

    it('the guide points at what she is asked to, in the hall and in the captions', async () => {
      const pointed = ada.page.waitForFunction(
        () => window.orion.deeds().pointed === 'telescope',
        undefined,
        {
          polling: 100,
        },
      );
      await say('Please point at the telescope.', /^Mira: \(points at telescope\)/u);
      await pointed;
      await waitForSilence(ada.page);
    });

    it('the guide hands over a leaflet, and it can be read and put away', async () => {
      await ada.page.evaluate(() => window.orion.place(0.4, -1.2, 0));
      const given = ada.page.waitForFunction(
        () => window.orion.deeds().given.includes('leaflet'),
        undefined,
        {
          polling: 50,
        },
      );
      await say('Could you give me a leaflet, please?', /^Mira: \(gives leaflet\)/u);
      await given;
      const sheet = ada.page.locator('.reading');
      await sheet.waitFor({ state: 'visible', timeout: 60_000 });
      expect(await sheet.textContent()).toMatch(/Orion Hall.*Tuesday to Sunday.*8 euros/u);
      await sheet.locator('button').click();
      expect(await sheet.isHidden()).toBe(true);
      await waitForSilence(ada.page);
      // What was handed over is gone after a while.
      await ada.page.waitForFunction(() => window.orion.deeds().given.length === 0, undefined, {
        timeout: 60_000,
        polling: 200,
      });
    });

    it('the shopkeeper opens the cabinet and hands over what is asked for', async () => {
      await goTo(ada, 'Bo', [-6.4, 0.2, -Math.PI / 2]);
      expect(await ada.page.evaluate(() => window.orion.deeds())).toMatchObject({ open: false, given: [] });
      await say('Could you open the cabinet, please?', /^Bo: \(opens cabinet\)/u);
      await hears(/^Bo: .*Have a look/u);
      expect(await ada.page.evaluate(() => window.orion.deeds().open)).toBe(true);
      await waitForSilence(ada.page);
      const given = ada.page.waitForFunction(
        () => window.orion.deeds().given.includes('star map'),
        undefined,
        {
          polling: 100,
        },
      );
      await say('I would like a star map.', /^Bo: \(gives star map\)/u);
      await given;
      await waitForSilence(ada.page);
      expect(await say('How much is a brass planet?', /^Bo: .*euros/u)).toMatch(/nine/u);
    });
  },
);
