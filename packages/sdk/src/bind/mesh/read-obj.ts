import type { HeadMesh, HeadPart } from '../head-mesh.ts';
import { GrowingArray } from './growing-array.ts';
import { meshError } from './mesh-error.ts';
import { triangulate } from './triangulate.ts';

const SPACE = 32;
const TAB = 9;
const LF = 10;
const CR = 13;
const SLASH = 47;
const HASH = 35;
const BACKSLASH = 92;

/** Faces of one group with one material, as they come. */
interface Group {
  readonly name: string;
  readonly material: string;
  /** Zero-based v, vt, vn (-1 where absent) of every corner of every triangle. */
  readonly corners: GrowingArray<Int32Array>;
}

/**
 * Reads a Wavefront .obj. Polygons become triangles; each group (or object) with each material becomes a part; a vertex is
 * a combination of v, vt and vn, as drawn. Lines, points, curves and smoothing groups are left out.
 *
 * `v` lines may carry colours (x y z r g b, 0 to 1 or 0 to 255). Any line end, line continuation (`\`), negative indices and
 * indices of vertices that come later are read.
 * @param bytes The whole file.
 * @throws ParleyError `empty-mesh`, `truncated-mesh`, `non-finite-mesh` or `malformed-mesh`, with the line's number.
 * @see {@link http://www.martinreddy.net/gfx/3d/OBJ.spec}
 */
export function readObj(bytes: Uint8Array): HeadMesh {
  const positions = new GrowingArray(new Float64Array(0));
  const colours = new GrowingArray(new Float64Array(0));
  const uvs = new GrowingArray(new Float64Array(0));
  const normals = new GrowingArray(new Float64Array(0));
  const groups = new Map<string, Group>();
  const skipped = new Map<string, number>();
  let groupName = '';
  let material = '';
  let group: Group | undefined;
  let vertices = 0;
  let colouredVertices = 0;
  let degenerate = 0;

  const end = bytes.length;
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let line = 1;

  /** Moves over blanks and continued line ends; false at the end of the line. */
  const skipBlanks = (): boolean => {
    while (at < end) {
      const byte = bytes[at];
      if (byte === SPACE || byte === TAB) at++;
      else if (byte === BACKSLASH && (bytes[at + 1] === LF || bytes[at + 1] === CR)) {
        at += bytes[at + 1] === CR && bytes[at + 2] === LF ? 3 : 2;
        line++;
      } else return byte !== LF && byte !== CR && byte !== HASH;
    }
    return false;
  };
  const isWordByte = (byte: number): boolean =>
    byte !== SPACE && byte !== TAB && byte !== LF && byte !== CR && byte !== undefined;
  const word = (): string => {
    let text = '';
    while (at < end && isWordByte(bytes[at])) text += String.fromCharCode(bytes[at++]);
    return text;
  };
  const restOfLine = (): string => {
    const start = at;
    while (at < end && bytes[at] !== LF && bytes[at] !== CR) at++;
    return new TextDecoder().decode(bytes.subarray(start, at)).trim();
  };
  const nextLine = (): void => {
    while (at < end && bytes[at] !== LF && bytes[at] !== CR) at++;
    if (bytes[at] === CR && bytes[at + 1] === LF) at++;
    at++;
    line++;
  };
  const lineEndsFile = (): boolean => {
    let p = at;
    while (p < end && bytes[p] !== LF && bytes[p] !== CR) p++;
    return p >= end;
  };
  const malformed = (what: string): Error =>
    lineEndsFile()
      ? meshError('truncated-mesh', `the .obj ends in the middle of line ${line}: load the whole file again`)
      : meshError('malformed-mesh', `line ${line} of the .obj ${what}; export the head again`);

  /** A plain decimal, read digit by digit; undefined, and nothing consumed, for whatever else stands there. */
  const decimal = (): number | undefined => {
    let p = at;
    const negative = bytes[p] === 45;
    if (negative || bytes[p] === 43) p++;
    const start = p;
    let digits = 0;
    let fraction = 0;
    for (; bytes[p] >= 48 && bytes[p] <= 57; p++) digits = digits * 10 + bytes[p] - 48;
    let length = p - start;
    if (bytes[p] === 46) {
      p++;
      const dot = p;
      for (; bytes[p] >= 48 && bytes[p] <= 57; p++) digits = digits * 10 + bytes[p] - 48;
      fraction = p - dot;
      length += fraction;
    }
    // Up to 15 digits both numbers below are exact, and so is the quotient's rounding.
    if (length === 0 || length > 15 || (p < end && isWordByte(bytes[p]))) return undefined;
    at = p;
    return (negative ? -digits : digits) / 10 ** fraction;
  };
  const number = (): number => {
    const plain = decimal();
    if (plain !== undefined) return plain;
    const text = word();
    const value = Number(text);
    if (text !== '' && Number.isFinite(value)) return value;
    if (/^[+-]?(nan|inf|infinity|1\.#)|nan\(/i.test(text) || /^[+-]?[\d.]+e\+?\d+$/i.test(text))
      throw meshError(
        'non-finite-mesh',
        `line ${line} of the .obj holds "${text}", which is no place in space; clean the mesh and export it again`,
      );
    throw malformed(`holds "${text.slice(0, 20)}" where a number is due`);
  };
  /** An integer of a face corner; 0 where there is none. */
  const index = (): number => {
    let negative = false;
    if (bytes[at] === 45) {
      negative = true;
      at++;
    }
    let value = 0;
    while (at < end && bytes[at] >= 48 && bytes[at] <= 57) value = value * 10 + bytes[at++] - 48;
    if (value > 2 ** 31) throw malformed('names a vertex that cannot be');
    return negative ? -value : value;
  };
  const resolved = (value: number, count: number): number =>
    value > 0 ? value - 1 : value < 0 ? count + value : -1;

  const polygon: number[] = [];
  const readFace = (): void => {
    polygon.length = 0;
    while (skipBlanks()) {
      const v = index();
      let t = 0;
      let n = 0;
      if (bytes[at] === SLASH) {
        at++;
        t = index();
        if (bytes[at] === SLASH) {
          at++;
          n = index();
        }
      }
      if (v === 0 || (at < end && isWordByte(bytes[at]))) throw malformed('is no face');
      const corner = resolved(v, vertices);
      if (corner < 0) throw malformed(`names vertex ${v} when there are only ${vertices}`);
      // Neighbouring corners at one vertex make no triangle.
      const last = polygon.length - 3;
      if (last >= 0 && polygon[last] === corner) continue;
      polygon.push(corner, resolved(t, uvs.length / 2), resolved(n, normals.length / 3));
    }
    if (polygon.length >= 9 && polygon[0] === polygon[polygon.length - 3]) polygon.length -= 3;
    const count = polygon.length / 3;
    if (count < 3) {
      if (lineEndsFile() && bytes[end - 1] !== LF && bytes[end - 1] !== CR) throw malformed('is cut off');
      degenerate++;
      return;
    }
    if (!group) {
      const key = `${groupName}\0${material}`;
      group = groups.get(key) ?? {
        name: groupName,
        material,
        corners: new GrowingArray(new Int32Array(0)),
      };
      groups.set(key, group);
    }
    const { corners } = group;
    const place = positions.view();
    triangulate(
      count,
      (i, axis) => place[polygon[3 * i] * 3 + axis] ?? 0,
      (a, b, c) => {
        for (const i of [a, b, c]) for (let k = 0; k < 3; k++) corners.push(polygon[3 * i + k]);
      },
    );
  };

  for (; at < end; nextLine()) {
    if (!skipBlanks()) continue;
    const keyword = word();
    skipBlanks();
    switch (keyword) {
      case 'v': {
        for (let axis = 0; axis < 3; axis++) {
          if (!skipBlanks()) throw malformed('has fewer than three coordinates');
          const value = number();
          if (Math.abs(value) > 1e30)
            throw meshError(
              'non-finite-mesh',
              `line ${line} of the .obj is a vertex at ${value}; clean the mesh and export it again`,
            );
          positions.push(value);
        }
        const rest: number[] = [];
        while (rest.length < 4 && skipBlanks()) rest.push(number());
        // x y z w is a rational curve's weight, x y z r g b and x y z r g b a are colours.
        if (rest.length >= 3) {
          while (colours.length < vertices * 3) colours.push(1);
          colours.push(rest[0]);
          colours.push(rest[1]);
          colours.push(rest[2]);
          colouredVertices++;
        }
        vertices++;
        break;
      }
      case 'vt':
        uvs.push(number());
        uvs.push(skipBlanks() ? number() : 0);
        break;
      case 'vn':
        for (let axis = 0; axis < 3; axis++) {
          if (!skipBlanks()) throw malformed('has fewer than three coordinates');
          // A normal may be broken, it can be made anew; only places must be right.
          const value = decimal() ?? Number(word());
          normals.push(Number.isFinite(value) ? value : 0);
        }
        break;
      case 'f':
      case 'fo':
        readFace();
        break;
      case 'g':
      case 'o':
        groupName = restOfLine();
        group = undefined;
        break;
      case 'usemtl':
        material = restOfLine();
        group = undefined;
        break;
      case 'mtllib':
      case 's':
      case '':
        break;
      default:
        skipped.set(keyword, (skipped.get(keyword) ?? 0) + 1);
    }
  }

  if (vertices > 0 && groups.size === 0)
    throw meshError('empty-mesh', 'the .obj has vertices and no faces; export the head as a mesh');
  if (groups.size === 0) throw meshError('empty-mesh', 'the .obj holds no mesh; export the head again');

  const warnings: string[] = [];
  if (degenerate > 0) warnings.push(`${degenerate} faces with fewer than three corners were left out`);
  const unread = [...skipped].filter(([keyword]) => /^(l|p|curv|surf|cstype|bevel|vp)/.test(keyword));
  for (const [keyword, count] of unread) warnings.push(`${count} lines of "${keyword}" were left out`);

  const colour = colouredVertices > 0 ? colours.view() : undefined;
  let colourScale = 1;
  if (colour) {
    while (colours.length < vertices * 3) colours.push(1);
    if (colours.view().some((value) => value > 1)) colourScale = 1 / 255;
  }
  const shared = {
    positions: positions.view(),
    uvs: uvs.view(),
    normals: normals.view(),
    colours: colour && colours.view(),
    colourScale,
    // One list of the part's vertices for each v of the file, shared by all parts.
    first: new Int32Array(vertices).fill(-1),
  };
  return {
    format: 'obj',
    parts: [...groups.values()].map((each) => buildPart(each, shared)),
    joints: [],
    warnings,
  };
}

function buildPart(
  group: Group,
  file: {
    readonly positions: Float64Array;
    readonly uvs: Float64Array;
    readonly normals: Float64Array;
    readonly colours: Float64Array | undefined;
    readonly colourScale: number;
    readonly first: Int32Array;
  },
): HeadPart {
  const corners = group.corners.view();
  const count = corners.length / 3;
  const { first } = file;
  const vertexCount = first.length;
  const uvCount = file.uvs.length / 2;
  const normalCount = file.normals.length / 3;
  let hasUvs = true;
  let hasNormals = true;
  for (let i = 0; i < corners.length; i += 3) {
    if (corners[i] >= vertexCount)
      throw meshError(
        'truncated-mesh',
        `a face names vertex ${corners[i] + 1} and the .obj has ${vertexCount}: load the whole file again`,
      );
    if (corners[i + 1] < 0 || corners[i + 1] >= uvCount) hasUvs = false;
    if (corners[i + 2] < 0 || corners[i + 2] >= normalCount) hasNormals = false;
  }
  const indices = new Uint32Array(count);
  const source = new Int32Array(count);
  const sourceUv = new Int32Array(count);
  const sourceNormal = new Int32Array(count);
  const next = new Int32Array(count);
  let made = 0;
  for (let i = 0; i < count; i++) {
    const v = corners[3 * i];
    const t = hasUvs ? corners[3 * i + 1] : -1;
    const n = hasNormals ? corners[3 * i + 2] : -1;
    let found = first[v];
    while (found >= 0 && (sourceUv[found] !== t || sourceNormal[found] !== n)) found = next[found];
    if (found < 0) {
      found = made++;
      source[found] = v;
      sourceUv[found] = t;
      sourceNormal[found] = n;
      next[found] = first[v];
      first[v] = found;
    }
    indices[i] = found;
  }
  const positions = new Float32Array(made * 3);
  const uvs = hasUvs ? new Float32Array(made * 2) : undefined;
  const normals = hasNormals ? new Float32Array(made * 3) : undefined;
  const colours = file.colours && new Float32Array(made * 3);
  for (let i = 0; i < made; i++) {
    first[source[i]] = -1;
    for (let axis = 0; axis < 3; axis++) {
      positions[3 * i + axis] = file.positions[3 * source[i] + axis];
      if (normals) normals[3 * i + axis] = file.normals[3 * sourceNormal[i] + axis];
      if (colours)
        colours[3 * i + axis] = Math.max(0, file.colours![3 * source[i] + axis] * file.colourScale);
    }
    if (uvs) {
      uvs[2 * i] = file.uvs[2 * sourceUv[i]];
      uvs[2 * i + 1] = 1 - file.uvs[2 * sourceUv[i] + 1];
    }
    if (normals) {
      const length = Math.hypot(normals[3 * i], normals[3 * i + 1], normals[3 * i + 2]) || 1;
      for (let axis = 0; axis < 3; axis++) normals[3 * i + axis] /= length;
    }
  }
  return {
    name: group.name,
    node: group.name,
    positions,
    indices,
    normals,
    uvs,
    colours,
    material: group.material,
    opaque: true,
    sourceVertices: Uint32Array.from(source.subarray(0, made)),
    morphs: [],
  };
}
