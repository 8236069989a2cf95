import { existsSync } from 'node:fs';

const CANDIDATES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of an installed Chromium or Chrome, if there is one. `CHROMIUM_PATH` comes first. */
export const chromiumPath = CANDIDATES.find((path) => path && existsSync(path));

if (!chromiumPath)
  console.warn('No Chromium found: tests in a real browser are skipped. Install one or set CHROMIUM_PATH.');
