import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A release holds a copy of the repository's folder (scripts/release.mjs). */
const PUBLISHED = new URL('../models/', import.meta.url);
const REPOSITORY = new URL('../../../models/', import.meta.url);

/** The folder with the list of weights and the exported models: the package's own, else the repository's. */
const MODELS = existsSync(PUBLISHED) ? PUBLISHED : REPOSITORY;

/** @param path Below `models/`, with `/` between folders. */
export function modelsPath(path: string): string {
  return fileURLToPath(new URL(path, MODELS));
}
