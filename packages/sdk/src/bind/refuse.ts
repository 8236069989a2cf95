import { ParleyError } from '../errors.ts';

/** Ends a binding whose result would be nonsense. @throws ParleyError `binding-refused`. */
export function refuse(why: string): never {
  throw new ParleyError('binding-refused', `This head was not bound: ${why}.`);
}
