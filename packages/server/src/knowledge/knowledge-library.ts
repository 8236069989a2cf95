import type { Persona } from '../persona/persona.ts';
import { Knowledge, type KnowledgeReaders } from './knowledge.ts';

/** Longest wait until a persona's texts are embedded, ms; a book takes a minute on a small machine. */
const PATIENCE_MS = 180_000;

const libraries = new WeakMap<object, WeakMap<Persona, Promise<Knowledge>>>();
/** Stands for "no embedder" as a key. */
const NONE = {};

/**
 * What a persona knows, read once for all rooms; a persona that was read anew from its files is another one.
 * @param readers They understand English, so for another language words have to do.
 */
export function knowledgeOf(persona: Persona, readers: KnowledgeReaders): Promise<Knowledge> {
  const key = readers.embed ?? NONE;
  const library = libraries.get(key) ?? new WeakMap<Persona, Promise<Knowledge>>();
  libraries.set(key, library);
  const known = library.get(persona);
  if (known) return known;
  const { documents, facts, languages, title } = persona;
  const sources = { documents, taught: facts, setting: title, language: languages[0] };
  const fitting = languages[0] === 'en' ? readers : {};
  const reading = Knowledge.create(sources, fitting, AbortSignal.timeout(PATIENCE_MS));
  library.set(persona, reading);
  // A failure is met by whoever asks; the next one tries again.
  reading.catch(() => library.delete(persona));
  return reading;
}
