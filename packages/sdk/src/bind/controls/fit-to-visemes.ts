import { solveLinear } from '../geometry/solve-linear.ts';
import { dot } from './head-fields.ts';

/** A viseme of a head: its shape, and what it is in weights of controls. */
export interface VisemeShape {
  readonly field: Float32Array;
  readonly recipe: Readonly<Record<string, number>>;
}

/**
 * How far controls stay what they are against meeting the artist's visemes: half of what a viseme of one control at half strength
 * asks for. Recipes are what visemes mean roughly, not what this artist meant.
 */
const KEEPING = 0.1;

/**
 * Changes controls as little as possible so that, mixed by a viseme's recipe, they come near the shape that the artist gave it: least
 * squares over all visemes and controls at once, as in Li, Weise, Pauly, "Example-based facial rigging", 2010.
 *
 * @param visemes - Shapes as strong as the controls mean them.
 * @param free - Controls that may change.
 * @param fieldOf - A control's field as it is, of the visemes' length.
 * @returns The changed fields; controls that no recipe has are not among them.
 */
export function fitToVisemes(
  visemes: readonly VisemeShape[],
  free: readonly string[],
  fieldOf: (control: string) => Float32Array,
): Map<string, Float32Array> {
  const known = new Map<string, Float32Array>();
  const now = (control: string): Float32Array => {
    const field = known.get(control) ?? fieldOf(control);
    known.set(control, field);
    return field;
  };
  const wanted = visemes.map(({ field, recipe }) => {
    const out = field.slice();
    for (const [control, weight] of Object.entries(recipe)) {
      const part = now(control);
      for (let i = 0; i < out.length; i++) out[i] -= weight * part[i];
    }
    return out;
  });
  const n = visemes.length;
  const share = (v: number, control: string) => visemes[v].recipe[control] ?? 0;
  const gram = Float64Array.from({ length: n * n }, (_, at) => {
    const [a, b] = [Math.floor(at / n), at % n];
    const common = free.reduce((sum, control) => sum + share(a, control) * share(b, control), 0);
    return common + (a === b ? KEEPING : 0);
  });
  const identity = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
  const inverse = solveLinear(gram, identity, n);
  const out = new Map<string, Float32Array>();
  for (const control of free) {
    const weights = visemes.map((_, v) =>
      visemes.reduce((sum, __, other) => sum + share(other, control) * inverse[other * n + v], 0),
    );
    if (!visemes.some((_, v) => share(v, control) > 0)) continue;
    const field = now(control).slice();
    wanted.forEach((want, v) => {
      if (weights[v] !== 0) for (let i = 0; i < field.length; i++) field[i] += weights[v] * want[i];
    });
    if (dot(field, field) > 0) out.set(control, field);
  }
  return out;
}
