import { ParleyError } from '@parley/sdk';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Persona, personaSchema } from './persona.ts';

/**
 * Reads a persona file.
 * @param yaml The file's text.
 * @param fallbackId Id for a file that names none: its folder's name.
 * @param file Named in errors.
 * @throws {ParleyError} `bad-persona`: for each fault its line, its key, what is wrong and what to do.
 */
export function readPersona(yaml: string, fallbackId: string, file = 'persona.yaml'): Persona {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new ParleyError(
      'bad-persona',
      `${file}, line ${line} is not valid YAML: ${broken.message}. Text with ": " or "#" in it needs quotes.`,
      broken,
    );
  }
  const result = personaSchema.safeParse(document.toJS());
  if (result.success) return { ...result.data, id: result.data.id ?? fallbackId, documents: [] };
  const faults = result.error.issues.flatMap((issue) => describe(issue, document, lines));
  throw new ParleyError('bad-persona', `${file} cannot be used:\n${faults.join('\n')}`, result.error);
}

type Issue = z.core.$ZodIssue;

function describe(issue: Issue, document: Document, lines: LineCounter): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const at = `  line ${lineOf([...issue.path, key], document, lines)}, ${pathName([...issue.path, key])}`;
      const meant = issue.path.length === 0 ? nearest(key, Object.keys(personaSchema.shape)) : undefined;
      return `${at}: is no setting${meant ? `; did you mean "${meant}"?` : '; take it out.'}`;
    });
  const line = lineOf(issue.path, document, lines);
  const { path } = issue;
  const isMissing = path.length > 0 && document.getIn(path) === undefined;
  const what = isMissing ? 'is missing; add it' : wrong(issue);
  return [`  line ${line}, ${pathName(path)}: ${what}`];
}

function wrong(issue: Issue): string {
  const isText = 'origin' in issue && issue.origin === 'string';
  if (isText && issue.code === 'too_small') return 'is empty; write something or take it out';
  if (isText && issue.code === 'too_big') return `is too long; it may have ${issue.maximum} characters`;
  return issue.message;
}

function pathName(path: readonly PropertyKey[]): string {
  return path.map(String).join('.') || 'the file';
}

/** Line of the value at a path, or of the nearest one around it. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as
      | { range?: [number, number, number] }
      | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** The known name that a typing mistake comes from, if one is near. */
function nearest(word: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.ceil(word.length / 3) ? best.name : undefined;
}

/** Insertions, deletions and replacements between two words (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
