export { cacheFolder } from './cache-folder.ts';
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
