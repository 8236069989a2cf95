import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError } from '@parley/sdk';
import { loadPersona } from './load-persona.ts';
import type { Persona } from './persona.ts';

/**
 * Reads every persona folder `<folder>/<id>/`, in the order of their names.
 * @throws {ParleyError} `bad-persona` for a bad file, two with one id, or a folder without personas; `bad-knowledge`.
 */
export async function loadPersonas(folder: string): Promise<Persona[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw new ParleyError(
      'bad-persona',
      `The personas folder ${folder} cannot be read: ${error.message}`,
      error,
    );
  });
  const personas: Persona[] = [];
  for (const entry of entries.toSorted((a, b) => a.name.localeCompare(b.name))) {
    if (!entry.isDirectory()) continue;
    const persona = await loadPersona(join(folder, entry.name));
    if (persona) personas.push(persona);
  }
  if (personas.length === 0)
    throw new ParleyError(
      'bad-persona',
      `${folder} holds no persona; add ${join(folder, '<id>', 'persona.yaml')}`,
    );
  const ids = new Set<string>();
  for (const { id } of personas) {
    if (ids.has(id)) throw new ParleyError('bad-persona', `Two personas in ${folder} have the id "${id}"`);
    ids.add(id);
  }
  return personas;
}
