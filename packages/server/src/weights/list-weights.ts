import { WeightsFolder } from './cache-folder.ts';
import type { WeightsPlace } from './resolve-weights.ts';
import { readWeightState, type WeightState } from './weight-state.ts';
import { loadWeightsManifest, selectWeights, type Weight } from './weights-manifest.ts';

/** A weight and what the cache holds of it. */
export interface WeightListing {
  readonly weight: Weight;
  /** Where the file is, or would be. */
  readonly path: string;
  readonly state: WeightState;
}

/**
 * Every weight of the manifest with its state; trusts hashes that were checked before.
 * @throws ParleyError `bad-manifest`.
 */
export function listWeights(place: WeightsPlace = {}): Promise<WeightListing[]> {
  return look(undefined, place, false);
}

/**
 * Reads files through and compares their hashes.
 * @param ids Weight ids, set names or groups. Default: the default group and whatever else is there.
 * @throws ParleyError `unknown-weight`; the signal's reason.
 */
export async function verifyWeights(
  ids: readonly string[] | undefined,
  place: WeightsPlace & { readonly signal?: AbortSignal } = {},
): Promise<WeightListing[]> {
  const listings = await look(ids, place, true);
  return ids
    ? listings
    : listings.filter(({ weight, state }) => weight.group === 'default' || state !== 'missing');
}

async function look(
  ids: readonly string[] | undefined,
  place: WeightsPlace & { readonly signal?: AbortSignal },
  rehash: boolean,
): Promise<WeightListing[]> {
  const manifest = place.manifest ?? (await loadWeightsManifest());
  const folder = new WeightsFolder(place.cache);
  const listings: WeightListing[] = [];
  for (const weight of ids ? selectWeights(manifest, ids) : manifest.weights) {
    const state = await readWeightState(weight, folder, rehash, place.signal);
    listings.push({ weight, path: folder.file(weight), state });
  }
  return listings;
}
