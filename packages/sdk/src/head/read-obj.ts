import { ParleyError } from '../errors.ts';

/** The surface of a Wavefront .obj file, as its `v` and `f` lines tell it: right-handed, no vertex split. */
export interface ObjSurface {
  /** xyz of each `v` line, in the file's unit. */
  readonly positions: Float32Array;
  /** Triangles, counter-clockwise from outside; larger polygons become fans. */
  readonly indices: Uint32Array;
}

/**
 * Reads positions and triangles of a Wavefront .obj file. Texture coordinates, normals and materials are left out, and faces are
 * taken as one surface.
 *
 * @param text - Contents of the file.
 * @param name - Name of the file, for messages.
 * @throws ParleyError `empty-head`, `not-a-mesh` or `truncated-head`.
 */
export function readObj(text: string, name: string): ObjSurface {
  if (text.trim() === '') throw new ParleyError('empty-head', `${name} is empty: export the head again`);
  const positions: number[] = [];
  const indices: number[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'v') readPosition(words, name, positions);
    else if (keyword === 'f') readFace(words, name, positions.length / 3, indices);
  }
  if (positions.length === 0 || indices.length === 0) {
    throw new ParleyError('not-a-mesh', `${name} has no faces: give a head as .obj, .glb or .gltf`);
  }
  const vertices = positions.length / 3;
  if (indices.some((index) => index >= vertices)) throw truncated(name);
  return { positions: Float32Array.from(positions), indices: Uint32Array.from(indices) };
}

function readPosition(words: readonly string[], name: string, positions: number[]): void {
  const numbers = words.slice(0, 3).map(Number);
  if (numbers.length < 3 || !numbers.every(Number.isFinite)) throw truncated(name);
  positions.push(numbers[0], numbers[1], numbers[2]);
}

function readFace(words: readonly string[], name: string, verticesSoFar: number, indices: number[]): void {
  const corners = words.map((corner) => {
    const index = Number.parseInt(corner, 10);
    return index < 0 ? verticesSoFar + index : index - 1;
  });
  if (corners.length < 3 || !corners.every((corner) => corner >= 0)) throw truncated(name);
  for (let i = 1; i + 1 < corners.length; i++) indices.push(corners[0], corners[i], corners[i + 1]);
}

function truncated(name: string): ParleyError {
  return new ParleyError('truncated-head', `${name} ends too early or is damaged: copy or export it again`);
}
