import { ParleyError } from '../../errors.ts';
import { LANDMARK_COUNT } from '../found-face.ts';
import { FACE_OVAL } from './landmark-sets.ts';

/** Where the 468 landmarks lie on the template head, as the nets see it: `models/exports/landmarks/template.json`. */
export interface TemplateLandmarks {
  /** Three vertices of the template for each landmark, zero-based numbers of its `v` lines. */
  readonly vertices: Uint32Array;
  /** Their weights. */
  readonly barycentrics: Float32Array;
  /** xyz of each in metres, in the template's frame. */
  readonly positions: Float32Array;
  /** How much each counts when faces are aligned: less where views disagree, 0 on the outline of the face. */
  readonly weights: Float32Array;
  /** How far views place each from another, mean in millimetres. */
  readonly spreadMm: Float32Array;
}

/**
 * Reads `template.json`.
 * @throws ParleyError `bad-export` if something is missing or not finite.
 */
export function readTemplateLandmarks(json: unknown): TemplateLandmarks {
  const { vertices, barycentrics, positions, spreadMm } = (json ?? {}) as Record<string, unknown>;
  const numbers = (value: unknown, length: number, name: string): number[] => {
    if (!Array.isArray(value) || value.length !== length || !value.every(Number.isFinite))
      throw new ParleyError(
        'bad-export',
        `landmarks/template.json needs ${length} numbers as "${name}"; make it anew with npm run landmarks -w @parley/bench`,
      );
    return value as number[];
  };
  const spreads = Float32Array.from(numbers(spreadMm, LANDMARK_COUNT, 'spreadMm'));
  const weights = spreads.map((spread) => 1 / (1 + spread * spread));
  for (const landmark of FACE_OVAL) weights[landmark] = 0;
  return {
    vertices: Uint32Array.from(numbers(vertices, 3 * LANDMARK_COUNT, 'vertices')),
    barycentrics: Float32Array.from(numbers(barycentrics, 3 * LANDMARK_COUNT, 'barycentrics')),
    positions: Float32Array.from(numbers(positions, 3 * LANDMARK_COUNT, 'positions')),
    weights,
    spreadMm: spreads,
  };
}
