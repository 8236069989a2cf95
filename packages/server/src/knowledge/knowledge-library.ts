import type { Embedder } from '../engines/contracts.ts';
import type { Persona } from '../persona/persona.ts';
import { Knowledge } from './knowledge.ts';

/** Longest wait until a persona's texts are embedded, ms; a book takes a minute on a small machine. */
const PATIENCE_MS = 180_000;

const libraries = new WeakMap<object, WeakMap<Persona, Promise<Knowledge>>>();
/** Stands for "no embedder" as a key. */
const NONE = {};

/** What a persona knows, read once for all rooms; a persona that was read anew from its files is another one. */
export function knowledgeOf(persona: Persona, embedder: Embedder | null): Promise<Knowledge> {
  const key = embedder ?? NONE;
  const library = libraries.get(key) ?? new WeakMap<Persona, Promise<Knowledge>>();
  libraries.set(key, library);
  const known = library.get(persona);
  if (known) return known;
  const { documents, facts, languages, title } = persona;
  const sources = { documents, taught: facts, setting: title, language: languages[0] };
  const fits = languages[0] === 'en' || embedder === null ? embedder : null;
  const reading = Knowledge.create(sources, fits, AbortSignal.timeout(PATIENCE_MS));
  library.set(persona, reading);
  // A failure is met by whoever asks; the next one tries again.
  reading.catch(() => library.delete(persona));
  return reading;
}
