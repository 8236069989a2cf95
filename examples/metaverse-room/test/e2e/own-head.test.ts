import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ballObj } from '../../../../packages/sdk/test/bind/ball-obj.ts';
import { findChromium } from '../browser.ts';
import { type HallServer, startHall } from './hall-server.ts';
import { openDoor, type VisitorPage } from './visitor-page.ts';

const chromium = findChromium();
const folder = process.env.PARLEY_HEADS_DATA;
const suzanne = folder && path.join(folder, 'suzanne.obj');

describe.skipIf(!chromium)('a head that nobody is sure about', () => {
  let hall: HallServer;
  let ada: VisitorPage;
  beforeAll(async () => {
    hall = await startHall();
    ada = await openDoor(hall.url, { width: 800, height: 520 });
    await ada.enter('Ada');
    await ada.page.waitForFunction(() => window.orion.app.connection !== undefined, undefined, {
      timeout: 240_000,
    });
  }, 400_000);
  afterAll(async () => {
    await ada?.close();
    await hall?.close();
  });

  const look = async (name: string): Promise<void> => {
    if (process.env.PICTURES) await ada.page.screenshot({ path: path.join(process.env.PICTURES, name) });
  };

  it('is asked about, and may be kept off', { timeout: 240_000 }, async () => {
    const { page } = ada;
    await page.setInputFiles('input[type=file]', {
      name: 'ball.obj',
      mimeType: 'model/obj',
      buffer: Buffer.from(ballObj()),
    });
    await page.waitForSelector('.face-points', { timeout: 200_000 });
    await page.waitForSelector('.face-points .place');
    expect(await page.locator('.face-points .place').count()).toBe(22);
    await look('hall-ball.png');
    await page.click('.face-points .choices button:last-child');
    await page.waitForSelector('.face-points', { state: 'detached' });
    await expect.poll(() => page.textContent('.head-status')).toContain('stays as it was');
  });

  it.skipIf(!suzanne || !existsSync(suzanne))(
    'Suzanne: asks again with what is wrong, or wears her',
    { timeout: 300_000 },
    async () => {
      const { page } = ada;
      await page.setInputFiles('input[type=file]', suzanne as string);
      await page.waitForSelector('.face-points .place', { timeout: 250_000 });
      await look('hall-suzanne.png');
      const before = await page.textContent('.face-points [role=status]');
      await page.click('.face-points .choices button:first-child');
      await page.waitForSelector('.face-points', { state: 'detached' });
      const status = page.locator('.head-status');
      await expect.poll(() => status.textContent(), { timeout: 60_000 }).toContain('%');
      await page.waitForFunction(
        () => {
          const words = document.querySelector('.head-status');
          return document.querySelector('.face-points .place') || words?.hasAttribute('hidden');
        },
        undefined,
        { timeout: 200_000, polling: 1_000 },
      );
      await look('hall-suzanne-bound.png');
      const after = await page.locator('.face-points [role=status]').allTextContents();
      console.log(before, '→', after[0] ?? 'worn');
      // refused, she is not dropped in silence: the same points are shown again, with the reason
      if (after.length > 0) expect(after[0]).not.toBe(before);
    },
  );
});
