import { rm, stat } from 'node:fs/promises';
import { WeightsFolder } from './cache-folder.ts';
import type { WeightsPlace } from './resolve-weights.ts';
import { loadWeightsManifest, selectWeights, type Weight } from './weights-manifest.ts';

/**
 * Deletes weights from the cache, finished or not.
 * @param ids Weight ids, set names or groups.
 * @returns The weights of which something was there.
 * @throws ParleyError `unknown-weight`.
 */
export async function removeWeights(ids: readonly string[], place: WeightsPlace = {}): Promise<Weight[]> {
  const folder = new WeightsFolder(place.cache);
  const removed: Weight[] = [];
  for (const weight of selectWeights(place.manifest ?? (await loadWeightsManifest()), ids)) {
    const paths = [folder.file(weight), folder.part(weight)];
    const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
    if (found.some(Boolean)) removed.push(weight);
    for (const path of [...paths, folder.stamp(weight)]) await rm(path, { force: true });
  }
  return removed;
}
