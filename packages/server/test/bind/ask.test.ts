import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRigFile } from '@parley/sdk/bind';
import { chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from '../../src/animate/film/find-browser.ts';
import { strangerObj } from './stranger-files.ts';

declare global {
  var parleyPoint:
    | ((name: string) => { x: number; y: number; position: readonly number[] } | undefined)
    | undefined;
}

const PARLEY = join(import.meta.dirname, '../../src/cli/parley.ts');
const browserPath = (() => {
  try {
    return findBrowser();
  } catch {
    process.stdout.write('No Chromium here: set CHROMIUM_PATH to test the binding page; it is skipped.\n');
    return undefined;
  }
})();

type Spot = { readonly x: number; readonly y: number };

/** Where a point is seen on the page, and where it lies on the head. */
async function seen(page: Page, name: string): Promise<Spot & { position: readonly number[] }> {
  // The view settles over some frames.
  await page.waitForTimeout(700);
  const place = await page.evaluate((each) => globalThis.parleyPoint?.(each), name);
  if (!place) throw new Error(`no point ${name}`);
  return place;
}

async function dragMouse(page: Page, from: Spot, to: Spot): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 3 });
  await page.mouse.up();
}

async function dragFinger(page: Page, from: Spot, to: Spot): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Spot[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints });
  await send('touchStart', [from]);
  await send('touchMove', [{ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }]);
  await send('touchMove', [to]);
  await send('touchEnd', []);
}

describe.skipIf(!browserPath)('parley bind --ask', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-ask-'));
    await writeFile(join(folder, 'stranger.obj'), await strangerObj(12));
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('points on the head; bound; it speaks; its rig is saved', {
    timeout: 600_000,
  }, async () => {
    const child = spawn(
      process.execPath,
      [PARLEY, 'bind', 'stranger.obj', '--out', 'a.parley-rig', '--ask'],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += data;
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const url = await Promise.race([
      new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data).trim()))),
      ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${errors}`))),
    ]);
    const browser = await chromium.launch({
      executablePath: browserPath,
      args: [
        '--enable-unsafe-swiftshader',
        '--ignore-gpu-blocklist',
        '--disable-gpu-watchdog',
        '--autoplay-policy=no-user-gesture-required',
      ],
    });
    const moved: { name: string; x: number; y: number; position: readonly number[] }[] = [];
    try {
      const page = await browser.newPage({ viewport: { width: 760, height: 480 } });
      page.setDefaultTimeout(240_000);
      await page.goto(url);
      const words = () => page.textContent('#words');
      await page.waitForSelector('#bind:enabled');
      await expect.poll(words, { timeout: 200_000 }).toContain('Check the points');
      expect(await page.locator('#points li').count()).toBe(22);
      if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, 'ask-points.png') });

      // a drag beside the head turns it, a drag on a point moves that over the skin
      const before = await seen(page, 'noseTip');
      await dragMouse(page, { x: 20, y: 240 }, { x: 60, y: 240 });
      const turned = await seen(page, 'noseTip');
      expect(Math.abs(turned.x - before.x)).toBeGreaterThan(5);
      expect(turned.position).toEqual(before.position);
      await dragMouse(page, turned, { x: turned.x + 3, y: turned.y - 6 });
      moved.push({ name: 'noseTip', ...(await seen(page, 'noseTip')) });
      expect(moved[0]!.position).not.toEqual(before.position);
      expect(Math.hypot(moved[0]!.x - turned.x - 3, moved[0]!.y - turned.y + 6)).toBeLessThan(2);
      expect(await words()).toContain('moved');
      // a finger takes what it only just misses, in a small and light window
      await page.setViewportSize({ width: 390, height: 700 });
      await page.emulateMedia({ colorScheme: 'light' });
      await page.waitForTimeout(500);
      const chin = await seen(page, 'chin');
      await dragFinger(page, { x: chin.x + 14, y: chin.y + 6 }, { x: chin.x + 4, y: chin.y - 3 });
      moved.push({ name: 'chin', ...(await seen(page, 'chin')) });
      expect(moved[1]!.position).not.toEqual(chin.position);
      if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, 'ask-small.png') });
      await page.click('#bind');
      await page.waitForSelector('#save:enabled');
      expect(await words()).toContain('It can speak.');
      await page.click('#speak');
      if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, 'ask-bound.png') });
      await page.click('#save');
      expect(await ended).toBe(0);
    } finally {
      await browser.close();
      child.kill();
    }
    const { createHash } = await import('node:crypto');
    const sha256 = createHash('sha256')
      .update(await readFile(join(folder, 'stranger.obj')))
      .digest('hex');
    const rig = readRigFile(new Uint8Array(await readFile(join(folder, 'a.parley-rig'))), sha256);
    expect(rig.report.distanceMm.mean).toBeLessThan(0.8);
    // what was dragged lies on the skin and is kept in the rig
    const text = await readFile(join(folder, 'stranger.obj'), 'utf8');
    const corners = [...text.matchAll(/^v (\S+) (\S+) (\S+)/gm)].map((v) => v.slice(1, 4).map(Number));
    const unit = 0.001 / rig.report.toTemplate.scale;
    for (const { position } of moved) {
      expect(
        rig.report.points?.some((point) => point.position.every((value, axis) => value === position[axis])),
      ).toBe(true);
      const nearest = Math.min(
        ...corners.map((corner) => Math.hypot(...corner.map((value, axis) => value - position[axis]!))),
      );
      expect(nearest / unit).toBeLessThan(6);
    }
  });
});
