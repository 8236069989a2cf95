/** Groups of the template's vertices that stand for parts of a head. */
export type TemplateGroup =
  | 'leftEye'
  | 'rightEye'
  | 'upperTeeth'
  | 'lowerTeeth'
  | 'tongue'
  | 'leftUpperLashes'
  | 'leftLowerLashes'
  | 'rightUpperLashes'
  | 'rightLowerLashes'
  | 'leftBrow'
  | 'rightBrow';

/** Vertices `first .. first + count`. */
export interface VertexRange {
  readonly first: number;
  readonly count: number;
}

/** A sphere in the template's frame, metres. */
export interface EyeSphere {
  readonly centre: readonly [x: number, y: number, z: number];
  readonly radius: number;
}

/** Triangles `first .. first + count` and what they are made of. */
export interface MaterialRange {
  readonly material: string;
  readonly first: number;
  readonly count: number;
}

/**
 * A head that is bound to others: metres, +y up, +z out of the face, `left` the person's left (+x).
 *
 * The binding knows nothing else about it, so that any well-made head with vertex fields can take the place of ours.
 */
export interface BindTemplate {
  /** V x 3. The skin's vertices come first. */
  readonly positions: Float64Array;
  /** Triangles of everything, counter-clockwise from outside. */
  readonly indices: Uint32Array;
  readonly materials: readonly MaterialRange[];
  /** Colour of each material, sRGB 0 to 1. */
  readonly colours: Readonly<Record<string, readonly [number, number, number]>>;
  /** Vertices below this are the skin's, the inside of the mouth included. */
  readonly skinVertices: number;
  /** How far each skin vertex takes part in registration, 0 (inside the mouth and the eye sockets) to 1 (the face). */
  readonly registered: Float64Array;
  readonly groups: Readonly<Partial<Record<TemplateGroup, VertexRange>>>;
  readonly eyes: { readonly left: EyeSphere; readonly right: EyeSphere };
  /** Names of the shape controls. */
  readonly controls: readonly string[];
  /** For each control V x 3 offsets in metres at weight 1. */
  readonly fields: readonly Float32Array[];
  /** Identity modes: V x 3 offsets in metres for a coefficient of 1, which is one standard deviation. */
  readonly modes: readonly Float32Array[];
  /** MediaPipe's face-mesh points on the skin. */
  readonly landmarks: SkinLandmarks;
  /** Pairs of vertices, upper and lower, that touch where the lips close, from the right corner of the mouth to the left. */
  readonly lipPairs: readonly (readonly [upper: number, lower: number])[];
  /** How much of the head's rotation each vertex takes, 0 to 1; the centre of rotation is the origin. */
  readonly turnShares: Float64Array;
}

/** 468 points on the template's skin. */
export interface SkinLandmarks {
  /** Three vertices of each point. */
  readonly vertices: Uint32Array;
  /** Their weights. */
  readonly weights: Float64Array;
  /** How reproducible each point is, 0 to 1. */
  readonly trust: Float64Array;
}

/** Positions of the landmarks, xyz each, of a template whose vertices stand at `positions`. */
export function landmarkPositions(
  { vertices, weights }: SkinLandmarks,
  positions: ArrayLike<number>,
): Float64Array {
  const out = new Float64Array(vertices.length);
  for (let i = 0; i < vertices.length; i++) {
    const point = Math.floor(i / 3) * 3;
    for (let axis = 0; axis < 3; axis++) out[point + axis] += weights[i] * positions[vertices[i] * 3 + axis];
  }
  return out;
}

/** Triangles of the skin group. */
export function skinTriangles({
  indices,
  skinVertices,
}: Pick<BindTemplate, 'indices' | 'skinVertices'>): Uint32Array {
  const out: number[] = [];
  for (let t = 0; t < indices.length; t += 3) {
    if (indices[t] < skinVertices && indices[t + 1] < skinVertices && indices[t + 2] < skinVertices)
      out.push(indices[t], indices[t + 1], indices[t + 2]);
  }
  return Uint32Array.from(out);
}
