import { ParleyError } from '@parley/sdk';
import { WeightsFolder } from './cache-folder.ts';
import { readWeightState } from './weight-state.ts';
import { loadWeightsManifest, selectWeights, type WeightsManifest } from './weights-manifest.ts';

/** Where to look, for tests and unusual set-ups. */
export interface WeightsPlace {
  /** Default: the repository's `models/weights.json`. */
  readonly manifest?: WeightsManifest;
  /** Cache folder. Default: the user's, see `cacheFolder`. */
  readonly cache?: string;
}

/**
 * Paths of weight files in the cache, each with its hash checked (once; then by time and size).
 * @param ids Weight ids or set names (`whisper-base` stands for its four files).
 * @returns Weight id -> absolute path.
 * @throws ParleyError `unknown-weight`, `missing-weight`, `hash-mismatch`.
 */
export async function resolveWeights(
  ids: readonly string[],
  place: WeightsPlace = {},
): Promise<Map<string, string>> {
  const weights = selectWeights(place.manifest ?? (await loadWeightsManifest()), ids);
  const folder = new WeightsFolder(place.cache);
  const paths = new Map<string, string>();
  for (const weight of weights) {
    const path = folder.file(weight);
    const state = await readWeightState(weight, folder);
    if (state === 'missing') {
      throw new ParleyError(
        'missing-weight',
        `${path} is missing: run \`parley models fetch ${weight.set}\`.`,
      );
    }
    if (state === 'wrong') {
      throw new ParleyError(
        'hash-mismatch',
        `${path} is damaged or of another version: run \`parley models fetch ${weight.set}\` to replace it.`,
      );
    }
    paths.set(weight.id, path);
  }
  return paths;
}
