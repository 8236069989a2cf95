/** Where `models/exports` is served unless something else is said. */
export const DEFAULT_EXPORTS_URL = '/parley/';
