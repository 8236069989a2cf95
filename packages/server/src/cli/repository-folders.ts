import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { modelsPath } from '../models-folder.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/metaverse-room/', import.meta.url));

/** Where things lie: the defaults of the commands. Outside of the repository personas are looked for in the current folder. */
export const REPOSITORY = {
  personas: existsSync(`${EXAMPLE}personas`) ? `${EXAMPLE}personas` : 'personas',
  page: `${EXAMPLE}dist`,
  exports: modelsPath('exports'),
} as const;

/** The example's page, if it has been built. */
export function builtPage(): string | undefined {
  return existsSync(REPOSITORY.page) ? REPOSITORY.page : undefined;
}
