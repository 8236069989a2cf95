import { ParleyError } from '../errors.ts';
import { sha256 } from '../model/sha256.ts';
import type { AddedPart, HeadRig, PackedField, RigPart, SplitVertices } from './head-rig.ts';

/** First bytes of a `.parley-rig`: "PRIG". */
const MAGIC = 0x47495250;
/** Version that this code writes, and the only one it reads. */
export const RIG_FILE_VERSION = 1;
/** Magic, version, bytes of the header, bytes of the arrays: four u32. */
const PREFIX_BYTES = 16;
const HASH_BYTES = 32;

type Numbers = Uint8Array | Int16Array | Uint32Array | Float32Array;

/** Where an array stands among the file's arrays: kind, first byte, how many numbers. */
type ArrayPlace = readonly [kind: 'u8' | 'i16' | 'u32' | 'f32', start: number, length: number];

interface FieldPlace {
  readonly vertices: ArrayPlace;
  readonly offsets: ArrayPlace;
  readonly scale: number;
}

interface RigFileHeader {
  readonly headSha256: string;
  readonly rig: Omit<HeadRig, 'parts' | 'added'>;
  readonly parts: readonly {
    readonly vertices: number;
    readonly splits: { readonly ends: ArrayPlace; readonly ratios: ArrayPlace } | null;
    readonly indices: ArrayPlace | null;
    readonly fields: readonly FieldPlace[];
    readonly turnShares: ArrayPlace;
  }[];
  readonly added: readonly {
    readonly name: string;
    readonly positions: ArrayPlace;
    readonly indices: ArrayPlace;
    readonly colours: AddedPart['colours'];
    readonly fields: readonly FieldPlace[];
    readonly turnShares: ArrayPlace;
  }[];
}

/**
 * Writes a rig as a `.parley-rig`: four u32 (magic, version, bytes of the header, bytes of the arrays), a JSON header, the arrays
 * little-endian and each at a multiple of four, and the SHA-256 of all that.
 *
 * @param headSha256 - SHA-256 of the head's file in hexadecimal: the rig fits that file and no other.
 */
export function writeRigFile(rig: HeadRig, headSha256: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(headSha256)) throw new RangeError('headSha256 is not a SHA-256 in hexadecimal');
  const arrays: Numbers[] = [];
  let size = 0;
  const place = (array: Numbers): ArrayPlace => {
    const kind =
      array instanceof Uint8Array
        ? 'u8'
        : array instanceof Int16Array
          ? 'i16'
          : array instanceof Uint32Array
            ? 'u32'
            : 'f32';
    const at = size;
    arrays.push(array);
    size += padded(array.byteLength);
    return [kind, at, array.length];
  };
  const placeField = ({ vertices, offsets, scale }: PackedField): FieldPlace => ({
    vertices: place(vertices),
    offsets: place(offsets),
    scale,
  });
  const { parts, added, ...rest } = rig;
  const header: RigFileHeader = {
    headSha256,
    rig: rest,
    parts: parts.map((part) => ({
      vertices: part.vertices,
      splits: part.splits && { ends: place(part.splits.ends), ratios: place(part.splits.ratios) },
      indices: part.indices && place(part.indices),
      fields: part.fields.map(placeField),
      turnShares: place(part.turnShares),
    })),
    added: added.map((part) => ({
      name: part.name,
      positions: place(part.positions),
      indices: place(part.indices),
      colours: part.colours,
      fields: part.fields.map(placeField),
      turnShares: place(part.turnShares),
    })),
  };
  const text = new TextEncoder().encode(JSON.stringify(header, plainArrays));
  const headerBytes = padded(text.length);
  const bytes = new Uint8Array(PREFIX_BYTES + headerBytes + size + HASH_BYTES);
  const view = new DataView(bytes.buffer);
  [MAGIC, RIG_FILE_VERSION, headerBytes, size].forEach((value, i) => {
    view.setUint32(i * 4, value, true);
  });
  bytes.fill(0x20, PREFIX_BYTES, PREFIX_BYTES + headerBytes);
  bytes.set(text, PREFIX_BYTES);
  let at = PREFIX_BYTES + headerBytes;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += padded(array.byteLength);
  }
  bytes.set(hashBytes(bytes.subarray(0, at)), at);
  return bytes;
}

/**
 * Reads a `.parley-rig`.
 *
 * @param bytes - The whole file, at any byte offset; it is copied.
 * @param headSha256 - SHA-256 of the head's file, in hexadecimal.
 * @throws ParleyError `rig-damaged` for what is cut short or altered, `rig-version` for another version, `rig-of-another-head` when
 *   it was made for another file. Bind the head again in each case.
 */
export function readRigFile(bytes: Uint8Array, headSha256: string): HeadRig {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  if (copy.length < PREFIX_BYTES + HASH_BYTES || view.getUint32(0, true) !== MAGIC) throw damaged();
  const version = view.getUint32(4, true);
  if (version !== RIG_FILE_VERSION) {
    throw new ParleyError(
      'rig-version',
      `the rig has version ${version}, this reads ${RIG_FILE_VERSION}: bind the head again`,
    );
  }
  const headerBytes = view.getUint32(8, true);
  const arrayBytes = view.getUint32(12, true);
  const end = PREFIX_BYTES + headerBytes + arrayBytes;
  if (copy.length !== end + HASH_BYTES) throw damaged();
  const hash = hashBytes(copy.subarray(0, end));
  if (hash.some((byte, i) => byte !== copy[end + i])) throw damaged();
  const header = readHeader(copy.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes));
  if (header.headSha256 !== headSha256) {
    throw new ParleyError(
      'rig-of-another-head',
      'the rig was made for another file, or the head has changed since: bind the head again',
    );
  }
  const first = PREFIX_BYTES + headerBytes;
  const read = <T extends Numbers>([kind, start, length]: ArrayPlace): T => {
    const at = first + start;
    if (kind === 'u8') return new Uint8Array(copy.buffer, at, length) as unknown as T;
    if (kind === 'i16') return new Int16Array(copy.buffer, at, length) as unknown as T;
    if (kind === 'u32') return new Uint32Array(copy.buffer, at, length) as unknown as T;
    return new Float32Array(copy.buffer, at, length) as unknown as T;
  };
  const readField = ({ vertices, offsets, scale }: FieldPlace): PackedField => ({
    vertices: read<Uint32Array>(vertices),
    offsets: read<Int16Array>(offsets),
    scale,
  });
  return {
    ...header.rig,
    parts: header.parts.map(
      (part): RigPart => ({
        vertices: part.vertices,
        splits: part.splits && readSplits(part.splits, read),
        indices: part.indices && read<Uint32Array>(part.indices),
        fields: part.fields.map(readField),
        turnShares: read<Uint8Array>(part.turnShares),
      }),
    ),
    added: header.added.map(
      (part): AddedPart => ({
        name: part.name,
        positions: read<Float32Array>(part.positions),
        indices: read<Uint32Array>(part.indices),
        colours: part.colours,
        fields: part.fields.map(readField),
        turnShares: read<Uint8Array>(part.turnShares),
      }),
    ),
  };
}

function readSplits(
  { ends, ratios }: { ends: ArrayPlace; ratios: ArrayPlace },
  read: <T extends Numbers>(place: ArrayPlace) => T,
): SplitVertices {
  return { ends: read<Uint32Array>(ends), ratios: read<Float32Array>(ratios) };
}

function readHeader(bytes: Uint8Array): RigFileHeader {
  const header = JSON.parse(new TextDecoder().decode(bytes)) as RigFileHeader;
  const { toTemplate } = header.rig.report;
  return {
    ...header,
    rig: {
      ...header.rig,
      report: {
        ...header.rig.report,
        toTemplate: {
          scale: toTemplate.scale,
          rotation: Float64Array.from(toTemplate.rotation),
          translation: Float64Array.from(toTemplate.translation),
        },
      },
    },
  };
}

/** Typed arrays in the header become plain ones. */
function plainArrays(_: string, value: unknown): unknown {
  return value instanceof Float64Array ? Array.from(value) : value;
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function hashBytes(bytes: Uint8Array): Uint8Array {
  const hex = sha256(bytes);
  return Uint8Array.from({ length: HASH_BYTES }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}

function damaged(): ParleyError {
  return new ParleyError('rig-damaged', 'the rig is cut short or altered: bind the head again');
}
