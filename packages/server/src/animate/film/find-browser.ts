import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ParleyError } from '@parley/sdk';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/**
 * The path of a browser of the Chromium family: CHROMIUM_PATH, then PATH, then the usual places; undefined where there is none.
 * @throws ParleyError `no-browser` when CHROMIUM_PATH leads nowhere.
 */
export function findBrowser(): string | undefined {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted && existsSync(wanted)) return wanted;
  if (wanted) throw new ParleyError('no-browser', `CHROMIUM_PATH leads to ${wanted}, where nothing is`);
  const folders = (process.env.PATH ?? '').split(delimiter);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...PLACES].find((path) => existsSync(path));
}

/**
 * As {@link findBrowser}, for work that cannot be done without.
 * @throws ParleyError `no-browser`.
 */
export function needBrowser(): string {
  const found = findBrowser();
  if (found) return found;
  throw new ParleyError(
    'no-browser',
    'Videos are drawn by a browser: install Chromium, Chrome or Edge, or say where one is in CHROMIUM_PATH',
  );
}
