import { type FSWatcher, watch } from 'node:fs';
import { join, sep } from 'node:path';
import { ParleyError } from '@parley/sdk';
import { loadPersona } from './load-persona.ts';
import type { Persona } from './persona.ts';

/** What a watched folder tells. */
export interface PersonaWatchEvents {
  /** A persona's files have changed and are in order. */
  onPersona(persona: Persona): void;
  /** They have changed and cannot be used; what was loaded before stays. The message says what to do. */
  onFault(error: ParleyError): void;
}

/** Editors save in several steps; the files are read when none came for this long, ms. */
const SETTLE_MS = 120;

/**
 * Watches the persona folders below `folder` and reads a persona anew whenever a file of it changes.
 * @returns The way to stop.
 */
export function watchPersonas(folder: string, events: PersonaWatchEvents): () => void {
  const settling = new Map<string, NodeJS.Timeout>();
  const reload = async (id: string) => {
    settling.delete(id);
    try {
      const persona = await loadPersona(join(folder, id));
      if (persona) events.onPersona(persona);
    } catch (error) {
      events.onFault(
        error instanceof ParleyError ? error : new ParleyError('bad-persona', String(error), error),
      );
    }
  };
  const watcher: FSWatcher = watch(folder, { recursive: true, persistent: false }, (_event, name) => {
    const [id, ...rest] = (name ?? '').split(sep);
    // Files beside the persona folders, such as room.yaml, are none of a persona's.
    if (!id || rest.length === 0) return;
    clearTimeout(settling.get(id));
    settling.set(
      id,
      setTimeout(() => void reload(id), SETTLE_MS),
    );
  });
  watcher.on('error', (error) =>
    events.onFault(
      new ParleyError('bad-persona', `${folder} cannot be watched any more: ${error.message}`, error),
    ),
  );
  return () => {
    watcher.close();
    for (const timer of settling.values()) clearTimeout(timer);
    settling.clear();
  };
}
