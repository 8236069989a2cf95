import type { HeadMesh } from '../head-mesh.ts';
import { meshError } from './mesh-error.ts';
import { isGlb } from './open-gltf.ts';
import { type ReadGltfOptions, readGltf } from './read-gltf.ts';
import { readObj } from './read-obj.ts';

/** Settings of {@link readHead}. */
export interface ReadHeadOptions extends ReadGltfOptions {
  /** The file's name, for messages; its contents decide what it is. */
  readonly fileName?: string;
}

/** First bytes of formats that people try. */
const FOREIGN: readonly (readonly [name: string, start: string])[] = [
  ['FBX', 'Kaydara FBX'],
  ['FBX', '; FBX'],
  ['Blender', 'BLENDER'],
  ['PLY', 'ply\n'],
  ['PLY', 'ply\r'],
  ['STL', 'solid '],
  ['OFF', 'OFF\n'],
  ['OFF', 'OFF\r'],
  ['USD', '#usda'],
  ['USD', 'PXR-USDC'],
  ['3D Studio', 'MM'],
  ['PNG', '\x89PNG'],
  ['JPEG', '\xff\xd8\xff'],
  ['ZIP or USDZ', 'PK\x03\x04'],
  ['COLLADA or other XML', '<?xml'],
  ['HTML', '<!doctype html'],
  ['HTML', '<html'],
  ['gzip', '\x1f\x8b'],
];

/**
 * Reads a head from a file of any of the formats that are read: .obj, .gltf or .glb. The contents decide which, not the
 * name; a name that says otherwise becomes a warning.
 * @param bytes The whole file.
 * @throws ParleyError with a `MeshErrorCode`; its message names the trouble and what to do.
 */
export async function readHead(bytes: Uint8Array, options: ReadHeadOptions = {}): Promise<HeadMesh> {
  const { fileName = 'the file' } = options;
  if (bytes.length === 0)
    throw meshError('empty-mesh', `${fileName} has no bytes: check the path, then load it again`);
  const start = String.fromCharCode(...bytes.subarray(0, 200));
  const extension = /\.([a-z0-9]+)$/i.exec(options.fileName ?? '')?.[1].toLowerCase();
  let head: HeadMesh;
  if (isGlb(bytes) || /^(\xef\xbb\xbf)?\s*\{/.test(start)) head = await readGltf(bytes, options);
  else {
    const lower = start.toLowerCase();
    const foreign = FOREIGN.find(([, magic]) => lower.startsWith(magic.toLowerCase()));
    if (foreign)
      throw meshError(
        'unsupported-mesh',
        `${fileName} is a ${foreign[0]} file; export the head as .glb, .gltf or .obj`,
      );
    if (bytes.length < 20 && 'glTF'.startsWith(start.slice(0, 4)))
      throw meshError('truncated-mesh', `${fileName} is cut off after ${bytes.length} bytes: load it again`);
    if (!looksLikeObj(bytes))
      throw meshError('not-a-mesh', `${fileName} is no mesh; give a head as .glb, .gltf or .obj`);
    head = readObj(bytes);
  }
  checkArea(head, fileName);
  const right = head.format === 'obj' ? ['obj'] : ['glb', 'gltf', 'vrm'];
  if (extension !== undefined && !right.includes(extension))
    return {
      ...head,
      warnings: [...head.warnings, `${fileName} is named .${extension} and holds ${head.format}`],
    };
  return head;
}

/** True if some line among the first begins as lines of an .obj do, and there are no control characters. */
function looksLikeObj(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, 65536);
  for (const byte of sample)
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 26 && byte !== 27)) return false;
  // A long comment may come first, the vertices have to come some time.
  const text = String.fromCharCode(...sample.subarray(0, 16384));
  const lines = /(^|[\r\n])[ \t]*(v|vn|vt|f|o|g|mtllib|usemtl)[ \t]+\S/;
  if (lines.test(text)) return true;
  return lines.test(new TextDecoder('latin1').decode(bytes.subarray(0, 4 << 20)));
}

function checkArea(head: HeadMesh, fileName: string): void {
  for (const { positions: p, indices } of head.parts)
    for (let i = 0; i < indices.length; i += 3) {
      const a = 3 * indices[i];
      const b = 3 * indices[i + 1];
      const c = 3 * indices[i + 2];
      const same = (s: number, t: number): boolean =>
        p[s] === p[t] && p[s + 1] === p[t + 1] && p[s + 2] === p[t + 2];
      if (!same(a, b) && !same(b, c) && !same(c, a)) return;
    }
  throw meshError('empty-mesh', `${fileName} has no triangle with an area; export the head as a mesh`);
}
