import type { Similarity } from '../head/similarity.ts';

/** The vertices that one control moves, packed: offset = `offsets` x `scale`. */
export interface PackedField {
  /** Indices of the moved vertices, ascending. */
  readonly vertices: Uint32Array;
  /** xyz for each of `vertices`. */
  readonly offsets: Int16Array;
  /** Unit of the head's frame per unit of `offsets`. */
  readonly scale: number;
}

/** Vertices that a cut added to a part: each lies on an edge of two vertices of the file. */
export interface SplitVertices {
  /** Two vertices each; new vertex i follows the file's at `vertices of the file + i`. */
  readonly ends: Uint32Array;
  /** How far from the first end to the second, 0 to 1: for positions, normals and UVs alike. */
  readonly ratios: Float32Array;
}

/** What a part of the head does. */
export type PartRole =
  | 'skin'
  | 'leftEye'
  | 'rightEye'
  | 'upperTeeth'
  | 'lowerTeeth'
  | 'tongue'
  | 'attached'
  | 'rigid';

/** How one part of the head moves; parts come in the order of `HeadMesh.parts`. */
export interface RigPart {
  /** Vertices with those that a cut added. */
  readonly vertices: number;
  /** Added vertices; null when the part was not cut. */
  readonly splits: SplitVertices | null;
  /** The part's triangles anew when it was cut or lost a blind mouth pocket; else null. */
  readonly indices: Uint32Array | null;
  /** One field per control, in the order of {@link HeadRig.controls}. */
  readonly fields: readonly PackedField[];
  /** How much of the head's rotation each vertex takes, 0 to 255. */
  readonly turnShares: Uint8Array;
}

/** Geometry that the head did not have: the inside of a mouth, teeth, a tongue. In the head's frame. */
export interface AddedPart {
  readonly name: string;
  readonly positions: Float32Array;
  readonly indices: Uint32Array;
  /** Triangles of each colour, sRGB 0 to 1, one range after the other. */
  readonly colours: readonly {
    readonly first: number;
    readonly count: number;
    readonly rgb: readonly [number, number, number];
  }[];
  readonly fields: readonly PackedField[];
  readonly turnShares: Uint8Array;
}

/** What kind of mouth the head came with. */
export type MouthKind =
  /** Skin closed over it: it was cut along the lip line and got a mouth. */
  | 'sealed'
  /** Lips that part, and teeth or a tongue behind them. */
  | 'own'
  /** Lips that part with nothing or a blind pocket behind them: it got a mouth. */
  | 'hollow';

/** Where the controls of a head come from; names of controls. */
export interface ControlsReport {
  /** The artist's shapes. */
  readonly own: readonly string[];
  /** Put together from the artist's visemes. */
  readonly visemes: readonly string[];
  /** The file's bones. */
  readonly bones: readonly string[];
  /** Transferred from the template; where its face could not be registered, missing. */
  readonly others: readonly string[];
  /** How much stronger the artist's shapes are taken than they are. */
  readonly gains: Readonly<Record<string, number>>;
  readonly visemesFound: readonly string[];
  readonly bonesFound: readonly string[];
}

/** What a binding found and how well it fits. Lengths in millimetres of the template, a head of adult size. */
export interface BindReport {
  /** Takes the head's frame to the template's. */
  readonly toTemplate: Similarity;
  /** True when triangles were turned round because their backs showed. */
  readonly insideOut: boolean;
  /** Weighted mean distance of the landmarks to those of the fitted person. */
  readonly landmarkResidualMm: number;
  /** Distance of the registered face to the head's surface. */
  readonly distanceMm: { readonly mean: number; readonly p95: number };
  readonly mouth: MouthKind;
  /** How far the lip line was moved into the valley between the lips, mean. */
  readonly lipShiftMm: number;
  /** Depth of that valley, mean; about 0 where no lips are modelled. */
  readonly lipDepthMm: number;
  /** Vertices of each role. */
  readonly roles: Readonly<Partial<Record<PartRole, number>>>;
  readonly eyes: { readonly left: EyeKind; readonly right: EyeKind };
  /** Present where the head brings controls of its own. */
  readonly controls?: ControlsReport;
  /** The points that a person set, in the head's frame; absent where its face was found. */
  readonly points?: readonly {
    readonly landmark: number;
    readonly position: readonly [number, number, number];
  }[];
  /** Sentences for a person. */
  readonly warnings: readonly string[];
  /** Milliseconds of each step. */
  readonly timingsMs: Readonly<Record<string, number>>;
}

/**
 * `ball`: an eyeball of its own, which rotates; `open`: a hole or an empty socket between the lids; `covered`: one surface runs over the eye, which is
 * shut at rest, or modelled or painted into the skin.
 */
export type EyeKind = 'ball' | 'open' | 'covered';

/** A head bound to the shape controls: everything a renderer needs besides the file itself. */
export interface HeadRig {
  /** Names of the shape controls. */
  readonly controls: readonly string[];
  readonly parts: readonly RigPart[];
  readonly added: readonly AddedPart[];
  /** Centre of the head's rotation, in the head's frame. */
  readonly pivot: readonly [x: number, y: number, z: number];
  /** Centres and radii of the eyes in the head's frame. */
  readonly eyes: {
    readonly left: { readonly centre: readonly [number, number, number]; readonly radius: number };
    readonly right: { readonly centre: readonly [number, number, number]; readonly radius: number };
  };
  readonly report: BindReport;
}

/** Offsets below this part of a field's largest are left out. */
const SMALLEST = 1 / 2000;

/**
 * Packs a field; xyz per vertex.
 *
 * Plain loops, and no closure that holds the scale: V8 13.6 (Node 24) gave now and then a rig whose first fields had been packed
 * with one scale and carried another, when the compiler came by in the middle.
 */
export function packField(field: ArrayLike<number>): PackedField {
  const largest = largestOf(field);
  const scale = largest / 32767;
  const vertices = verticesBeyond(field, largest * SMALLEST);
  return { vertices, offsets: quantised(field, vertices, scale), scale };
}

function largestOf(field: ArrayLike<number>): number {
  let largest = 0.0;
  for (let i = 0; i < field.length; i++) {
    const size = Math.abs(field[i]);
    if (size > largest) largest = size;
  }
  return largest;
}

/** Vertices that move further than a limit along an axis. */
function verticesBeyond(field: ArrayLike<number>, limit: number): Uint32Array {
  const vertices = new Uint32Array(field.length / 3);
  let count = 0;
  for (let i = 0; i < field.length; i += 3)
    if (Math.abs(field[i]) > limit || Math.abs(field[i + 1]) > limit || Math.abs(field[i + 2]) > limit)
      vertices[count++] = i / 3;
  return vertices.slice(0, count);
}

function quantised(field: ArrayLike<number>, vertices: Uint32Array, scale: number): Int16Array {
  const offsets = new Int16Array(vertices.length * 3);
  for (let i = 0; i < vertices.length; i++)
    for (let axis = 0; axis < 3; axis++)
      offsets[i * 3 + axis] = Math.round(field[vertices[i] * 3 + axis] / scale);
  return offsets;
}

/** Adds a packed field times `weight` to positions. */
export function addPackedField(
  { vertices, offsets, scale }: PackedField,
  weight: number,
  positions: Float32Array | Float64Array,
): void {
  const unit = weight * scale;
  for (let i = 0; i < vertices.length; i++) {
    for (let axis = 0; axis < 3; axis++) positions[vertices[i] * 3 + axis] += unit * offsets[i * 3 + axis];
  }
}

/** Positions of a part's vertices, those of a cut included, in the head's frame. */
export function splitPositions(positions: Float32Array, splits: SplitVertices | null): Float32Array {
  if (!splits) return positions.slice();
  const out = new Float32Array(positions.length + splits.ratios.length * 3);
  out.set(positions);
  for (let i = 0; i < splits.ratios.length; i++) {
    const a = splits.ends[i * 2] * 3;
    const b = splits.ends[i * 2 + 1] * 3;
    for (let axis = 0; axis < 3; axis++) {
      const from = positions[a + axis];
      out[positions.length + i * 3 + axis] = from + splits.ratios[i] * (positions[b + axis] - from);
    }
  }
  return out;
}
