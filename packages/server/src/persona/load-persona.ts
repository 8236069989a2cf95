import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { ParleyError } from '@parley/sdk';
import { DOCUMENT_EXTENSIONS, type KnowledgeDocument, readDocument } from '../knowledge/read-document.ts';
import type { Persona } from './persona.ts';
import { readPersona } from './read-persona.ts';

/** Names of a persona's file and folder. */
export const PERSONA_FILE = 'persona.yaml';
export const KNOWLEDGE_FOLDER = 'knowledge';

/**
 * Reads a persona folder: `persona.yaml` and, where there is one, `knowledge/` with its .md, .txt and .pdf files.
 * @param folder The persona's own folder; its name is the id of a file that names none.
 * @returns null for a folder without `persona.yaml`.
 * @throws {ParleyError} `bad-persona`, `bad-knowledge`
 */
export async function loadPersona(folder: string): Promise<Persona | null> {
  const file = join(folder, PERSONA_FILE);
  const yaml = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new ParleyError('bad-persona', `${file} cannot be read: ${error.message}`, error);
  });
  if (yaml === null) return null;
  const persona = readPersona(yaml, basename(folder), file);
  return { ...persona, documents: await loadDocuments(join(folder, KNOWLEDGE_FOLDER)) };
}

async function loadDocuments(folder: string): Promise<KnowledgeDocument[]> {
  const names = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new ParleyError('bad-knowledge', `${folder} cannot be read: ${error.message}`, error);
  });
  const known = names.filter((name) => isDocument(name)).toSorted();
  return Promise.all(known.map((name) => readDocument(join(folder, name), name)));
}

/** Editors leave files such as `.visiting.md.swp` and `visiting.md~` about. */
function isDocument(name: string): boolean {
  const extension = extname(name).toLowerCase();
  return !basename(name).startsWith('.') && DOCUMENT_EXTENSIONS.some((known) => known === extension);
}
