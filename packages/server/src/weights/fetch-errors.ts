import { ParleyError } from '@parley/sdk';
import type { WeightsFolder } from './cache-folder.ts';
import { formatBytes } from './format-bytes.ts';
import type { Weight } from './weights-manifest.ts';

/** The user stopped the fetch. */
export function cancelledError(cause: unknown): ParleyError {
  return new ParleyError(
    'cancelled',
    'Stopped. What has arrived is kept: run `parley models fetch` again to go on.',
    cause,
  );
}

/** No source gave the right file; the message is one line with every reason and what to do. */
export function sourcesFailedError(
  weight: Weight,
  folder: WeightsFolder,
  failures: readonly ParleyError[],
): ParleyError {
  const reasons = [...new Set(failures.map(({ message }) => message))].join('; ');
  const mismatch = failures.some(({ code }) => code === 'hash-mismatch');
  const advice = `copy the file to ${folder.file(weight)} yourself and run \`parley models verify\``;
  return new ParleyError(
    mismatch ? 'hash-mismatch' : 'no-network',
    mismatch
      ? `${weight.id}: what arrived is not the expected file (${reasons}). A proxy may be in the way: try another network, or ${advice}.`
      : `${weight.id} cannot be downloaded (${reasons}). Check the network and try again, or ${advice}.`,
    failures.at(-1),
  );
}

/** Turns an error of the file system into one that says what to do; leaves others as they are. */
export function describeFailure(error: unknown, weight: Weight, folder: WeightsFolder): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ParleyError(
      'disk-full',
      `The disk is full: ${weight.id} needs ${formatBytes(weight.sizeBytes)} in ${folder.path}. Free some space, or set PARLEY_CACHE to a folder on another disk, and run it again.`,
      error,
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new ParleyError(
      'cache-unwritable',
      `${folder.path} cannot be written to (${code}): change its permissions, or set PARLEY_CACHE to another folder.`,
      error,
    );
  }
  return error;
}
