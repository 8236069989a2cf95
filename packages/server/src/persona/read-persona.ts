import { ParleyError } from '@parley/sdk';
import { parse } from 'yaml';
import { type Persona, personaSchema } from './persona.ts';

/**
 * Reads a persona file.
 * @param yaml The file's text.
 * @param fallbackId Id for a file that names none: its folder's name.
 * @param file Named in errors.
 * @throws {ParleyError} `bad-persona`, with the field and what is wrong with it.
 */
export function readPersona(yaml: string, fallbackId: string, file = 'persona.yaml'): Persona {
  let json: unknown;
  try {
    json = parse(yaml);
  } catch (error) {
    throw new ParleyError('bad-persona', `${file} is not valid YAML: ${(error as Error).message}`, error);
  }
  const result = personaSchema.safeParse(json);
  if (!result.success) {
    const faults = result.error.issues.map(
      (issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`,
    );
    throw new ParleyError('bad-persona', `${file} cannot be used: ${faults.join('; ')}`, result.error);
  }
  return { ...result.data, id: result.data.id ?? fallbackId };
}
