export { cacheFolder } from './cache-folder.ts';
export { FETCH_DEFAULTS, type FetchOptions, type FetchProgress, fetchWeights } from './fetch-weights.ts';
export { listWeights, verifyWeights, type WeightListing } from './list-weights.ts';
export { removeWeights } from './remove-weights.ts';
export { resolveWeights, type WeightsPlace } from './resolve-weights.ts';
export type { WeightState } from './weight-state.ts';
export {
  loadWeightsManifest,
  readWeightsManifest,
  selectWeights,
  type Weight,
  type WeightSource,
  type WeightsManifest,
} from './weights-manifest.ts';
