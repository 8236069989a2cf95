import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fromHere = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

/** Where things lie in the repository: the defaults of the commands. */
export const REPOSITORY = {
  personas: fromHere('examples/metaverse-room/personas'),
  page: fromHere('examples/metaverse-room/dist'),
  exports: fromHere('models/exports'),
} as const;

/** The example's page, if it has been built. */
export function builtPage(): string | undefined {
  return existsSync(REPOSITORY.page) ? REPOSITORY.page : undefined;
}
