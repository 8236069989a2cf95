import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRigFile } from '@parley/sdk/bind';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from '../../src/animate/film/find-browser.ts';
import { strangerObj } from './stranger-files.ts';

const PARLEY = join(import.meta.dirname, '../../src/cli/parley.ts');
const browserPath = (() => {
  try {
    return findBrowser();
  } catch {
    process.stdout.write('No Chromium here: set CHROMIUM_PATH to test the binding page; it is skipped.\n');
    return undefined;
  }
})();

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
    try {
      const page = await browser.newPage({ viewport: { width: 760, height: 480 } });
      page.setDefaultTimeout(240_000);
      await page.goto(url);
      const words = () => page.textContent('#words');
      await page.waitForSelector('#bind:enabled');
      await expect.poll(words, { timeout: 200_000 }).toContain('Check the points');
      expect(await page.locator('#points li').count()).toBe(22);
      if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, 'ask-points.png') });
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
  });
});
