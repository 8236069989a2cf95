import type { BindReport, FoundFace, HeadMesh, Similarity } from '@parley/sdk/bind';

/** How a head lies in its file. */
export interface Orientation {
  /** Which way the face's own top, front and left point in the file, unit vectors. */
  readonly up: readonly number[];
  readonly front: readonly number[];
  readonly left: readonly number[];
  /** Metres of a head of adult size in one unit of the file. */
  readonly metresPerUnit: number;
  /** True when triangles turn their backs. */
  readonly insideOut: boolean;
  /** All of it in words. */
  readonly words: string;
}

/** What `parley bind --report` writes. Lengths in millimetres are of a head of adult size. */
export interface BindFileReport {
  readonly head: string;
  readonly sha256: string;
  readonly format: HeadMesh['format'];
  /** `bound`; `unsure`: points are wanted; `refused`: it would come out wrong. */
  readonly status: 'bound' | 'unsure' | 'refused';
  /** One sentence for a person. */
  readonly message: string;
  readonly mesh: {
    readonly parts: number;
    readonly vertices: number;
    readonly triangles: number;
    readonly joints: number;
  };
  /** How the face was found; null where points were given. */
  readonly face: Pick<
    FoundFace,
    'status' | 'doubts' | 'score' | 'residualMm' | 'spreadMm' | 'candidates'
  > | null;
  readonly orientation: Orientation | null;
  /** What the binding says; null where there is none. */
  readonly binding: Omit<BindReport, 'toTemplate' | 'insideOut' | 'warnings' | 'timingsMs'> | null;
  readonly warnings: readonly string[];
  /** Milliseconds of each step. */
  readonly timingsMs: Readonly<Record<string, number>>;
}

const AXES = ['x', 'y', 'z'] as const;
/** Cosine from which on a direction is called an axis'. */
const ALONG = 0.97;
const UNITS: readonly (readonly [name: string, metres: number])[] = [
  ['metres', 1],
  ['centimetres', 0.01],
  ['millimetres', 0.001],
  ['inches', 0.0254],
];

/** Says how a head lies in its file. */
export function orientationOf({ rotation, scale }: Similarity, insideOut: boolean): Orientation {
  const row = (i: number) => [rotation[3 * i]!, rotation[3 * i + 1]!, rotation[3 * i + 2]!];
  const [left, up, front] = [row(0), row(1), row(2)];
  const unit = UNITS.find(([, metres]) => scale / metres > 0.7 && scale / metres < 1.4)?.[0];
  const words = [
    `up is ${axisOf(up)}, the face looks along ${axisOf(front)}`,
    unit ? `the unit is about ${unit}` : `one unit is about ${Number((scale * 1000).toPrecision(2))} mm`,
    ...(insideOut ? ['triangles turn their backs'] : []),
  ].join('; ');
  return { up, front, left, metresPerUnit: scale, insideOut, words };
}

function axisOf(direction: readonly number[]): string {
  const axis = direction.findIndex((value) => Math.abs(value) > ALONG);
  if (axis >= 0) return `${direction[axis]! > 0 ? '+' : '-'}${AXES[axis]}`;
  return `(${direction.map((value) => value.toFixed(2)).join(', ')})`;
}
