import { ParleyError } from '@parley/sdk';
import { Command } from 'commander';
import { formatBytes } from '../weights/format-bytes.ts';
import {
  cacheFolder,
  fetchWeights,
  listWeights,
  loadWeightsManifest,
  removeWeights,
  selectWeights,
  verifyWeights,
  type WeightListing,
} from '../weights/index.ts';
import { createFetchReporter } from './fetch-reporter.ts';

interface Selection {
  readonly all?: true;
  readonly json?: true;
}

/** `parley models [list|fetch|verify|remove] [ids…] [--all] [--json]`. */
export const command = new Command('models').addHelpText(
  'after',
  '\nAn id names a file, a set of files (whisper-base) or a group (default, optional).',
);

addVerb('list', 'what there is, and what the cache holds (this is the default)', list, true);
addVerb('fetch', 'download what is missing; without ids the default group', fetch);
addVerb('verify', 'read the files through and compare their hashes', verify);
addVerb('remove', 'delete files from the cache', remove);

function addVerb(
  name: string,
  description: string,
  action: (ids: string[], selection: Selection) => Promise<void>,
  isDefault = false,
): void {
  command
    .command(name, { isDefault })
    .description(description)
    .argument('[ids...]', 'files, sets or groups')
    .option('--all', 'every file of the manifest')
    .option('--json', 'print JSON')
    .action(action);
}

async function list(ids: string[], selection: Selection): Promise<void> {
  const chosen = await chooseIds(ids, selection);
  const listings = (await listWeights()).filter(({ weight }) => !chosen || chosen.includes(weight.id));
  printListings(listings, selection);
  if (!selection.json) process.stdout.write(`\nCache: ${cacheFolder()}\n`);
}

async function fetch(ids: string[], selection: Selection): Promise<void> {
  const stop = new AbortController();
  const cancel = () => stop.abort(new Error('interrupted'));
  process.once('SIGINT', cancel).once('SIGTERM', cancel);
  const reporter = createFetchReporter(selection.json ? undefined : process.stdout);
  try {
    const paths = await fetchWeights({
      ids: await chooseIds(ids, selection),
      signal: stop.signal,
      onProgress: reporter.show,
    });
    reporter.close();
    if (selection.json) process.stdout.write(`${JSON.stringify(Object.fromEntries(paths), null, 2)}\n`);
  } finally {
    reporter.close();
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
  }
}

async function verify(ids: string[], selection: Selection): Promise<void> {
  const listings = await verifyWeights(await chooseIds(ids, selection));
  printListings(listings, selection);
  const bad = listings.filter(({ state }) => state !== 'ok');
  if (bad.length === 0) return;
  const sets = [...new Set(bad.map(({ weight }) => weight.set))].join(' ');
  const code = bad.some(({ state }) => state === 'wrong') ? 'hash-mismatch' : 'missing-weight';
  throw new ParleyError(
    code,
    `${bad.length} of ${listings.length} files are missing or wrong: run \`parley models fetch ${sets}\`.`,
  );
}

async function remove(ids: string[], selection: Selection): Promise<void> {
  const chosen = await chooseIds(ids, selection);
  if (!chosen) throw new ParleyError('unknown-weight', 'Say which files to remove, or --all.');
  const removed = await removeWeights(chosen);
  if (selection.json) process.stdout.write(`${JSON.stringify(removed.map(({ id }) => id))}\n`);
  else
    for (const weight of removed)
      process.stdout.write(`removed ${weight.id} (${formatBytes(weight.sizeBytes)})\n`);
}

async function chooseIds(ids: string[], { all }: Selection): Promise<string[] | undefined> {
  if (all) return (await loadWeightsManifest()).weights.map(({ id }) => id);
  if (ids.length === 0) return undefined;
  return selectWeights(await loadWeightsManifest(), ids).map(({ id }) => id);
}

function printListings(listings: readonly WeightListing[], { json }: Selection): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(listings, null, 2)}\n`);
    return;
  }
  const width = Math.max(...listings.map(({ weight }) => weight.id.length));
  for (const { weight, state } of listings) {
    const cells = [
      weight.id.padEnd(width),
      state.padEnd(7),
      formatBytes(weight.sizeBytes).padStart(6),
      weight.group.padEnd(8),
      weight.licence.padEnd(10),
      weight.for,
    ];
    process.stdout.write(`${cells.join('  ')}\n`);
  }
}
