import { ALL_EXTENSIONS } from '@gltf-transform/extensions';
import { meshError } from './mesh-error.ts';

const GLB_MAGIC = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;
const BIN_CHUNK = 0x004e4942;

/** Needed extensions that change how a head looks or what it can do, and not where its vertices are. */
const HARMLESS =
  /^(KHR_materials_|KHR_texture_|EXT_texture_|MSFT_texture_|KHR_lights|EXT_lights|VRM|KHR_xmp)/;

/** The JSON of a glTF file, as far as it is looked at before the library reads it. */
export interface GltfJson {
  readonly asset?: { readonly version?: string };
  readonly buffers?: readonly { readonly uri?: string; readonly byteLength?: number }[];
  readonly bufferViews?: readonly {
    readonly buffer?: number;
    readonly byteOffset?: number;
    readonly byteLength?: number;
    readonly byteStride?: number;
    readonly extensions?: object;
  }[];
  readonly accessors?: readonly {
    readonly bufferView?: number;
    readonly byteOffset?: number;
    readonly componentType?: number;
    readonly count?: number;
    readonly type?: string;
  }[];
  readonly extensionsRequired?: readonly string[];
  readonly extensionsUsed?: readonly string[];
  images?: { uri?: string; bufferView?: number; mimeType?: string }[];
  readonly nodes?: readonly { readonly name?: string; readonly mesh?: number }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** True for the first bytes of a .glb. */
export function isGlb(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === GLB_MAGIC;
}

/**
 * Takes a glTF file apart into its JSON and its binary data, and checks both before the library sees them.
 *
 * @param given - Files that a .gltf refers to, by URI.
 * @throws ParleyError with a `MeshErrorCode`.
 */
export function openGltf(
  bytes: Uint8Array,
  given: Readonly<Record<string, Uint8Array>>,
): { json: GltfJson; resources: Record<string, Uint8Array> } {
  const opened = openContainer(bytes, given);
  checkJson(opened.json, opened.resources);
  return opened;
}

function openContainer(
  bytes: Uint8Array,
  given: Readonly<Record<string, Uint8Array>>,
): { json: GltfJson; resources: Record<string, Uint8Array> } {
  const resources: Record<string, Uint8Array> = { ...given };
  if (!isGlb(bytes)) return { json: parseJson(bytes), resources };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const truncated = meshError(
    'truncated-mesh',
    `the .glb ends after ${bytes.length} bytes, before what it announces: load the whole file again`,
  );
  if (bytes.length < 20) throw truncated;
  const version = view.getUint32(4, true);
  if (version !== 2)
    throw meshError('unsupported-mesh', `the .glb is glTF ${version}; export the head as glTF 2.0`);
  if (view.getUint32(8, true) > bytes.length) throw truncated;
  let json: GltfJson | undefined;
  for (let at = 12; at + 8 <= view.getUint32(8, true); ) {
    const length = view.getUint32(at, true);
    const type = view.getUint32(at + 4, true);
    const chunk = bytes.subarray(at + 8, at + 8 + length);
    if (chunk.length < length) throw truncated;
    if (type === JSON_CHUNK) json ??= parseJson(chunk);
    // The library copies none of it, and wants arrays that begin where their buffer does.
    else if (type === BIN_CHUNK) resources['@glb.bin'] = chunk.slice();
    at += 8 + length + ((4 - (length % 4)) % 4);
  }
  if (!json) throw meshError('malformed-mesh', 'the .glb has no JSON chunk; export the head again');
  return { json, resources };
}

function parseJson(bytes: Uint8Array): GltfJson {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw meshError('malformed-mesh', "the glTF file's JSON is not UTF-8; export the head again", error);
  }
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json as GltfJson;
  } catch (error) {
    const open = /[}\]]\s*$/.test(text) === false;
    throw meshError(
      open ? 'truncated-mesh' : 'malformed-mesh',
      open ? "the glTF file's JSON is cut off: load the whole file again" : "the glTF file's JSON is broken",
      error,
    );
  }
  throw meshError('malformed-mesh', "the glTF file's JSON is no object; export the head again");
}

function checkJson(json: GltfJson, resources: Record<string, Uint8Array>): void {
  const version = String(json.asset?.version ?? '');
  if (!json.asset) throw meshError('not-a-mesh', 'this JSON file is no glTF: it has no "asset"');
  if (!version.startsWith('2'))
    throw meshError('unsupported-mesh', `the file is glTF "${version}"; export the head as glTF 2.0`);
  for (const name of json.extensionsRequired ?? [])
    if (!HARMLESS.test(name) && !ALL_EXTENSIONS.some((known) => known.EXTENSION_NAME === name))
      throw meshError(
        'unsupported-mesh',
        `the file needs the glTF extension ${name}, which is not known here; export it without`,
      );
  json.buffers?.forEach((buffer, index) => {
    const { uri } = buffer;
    if (uri?.startsWith('data:')) return;
    const key = uri ?? '@glb.bin';
    const decoded = uri === undefined ? undefined : safeDecode(uri);
    const data = resources[key] ?? (decoded === undefined ? undefined : resources[decoded]);
    // What meshopt puts in place of its uncompressed data has no bytes; the .glb's own belong to the first buffer.
    const fallback = uri === undefined && json.extensionsUsed?.some((name) => /meshopt/.test(name));
    if (fallback && index > 0) return;
    if (!data) {
      throw meshError(
        'missing-resource',
        uri === undefined
          ? 'the glTF file has no data of its own; load it as .glb, or with its .bin file'
          : `the .gltf keeps its data in "${uri}": load that file with it, or export a .glb`,
      );
    }
    if (data.length < (buffer.byteLength ?? 0))
      throw meshError(
        'truncated-mesh',
        `${uri ?? 'the data of the .glb'} has ${data.length} of ${buffer.byteLength} bytes: load it again`,
      );
    resources[key] = data;
  });
  checkRanges(json);
  // Textures are not read here, so that files of their own need not be there.
  json.images = json.images?.map((image) =>
    image.uri === undefined || image.uri.startsWith('data:')
      ? image
      : { uri: 'data:image/png;base64,', mimeType: 'image/png' },
  );
}

const COMPONENT_BYTES: Readonly<Record<number, number>> = {
  5120: 1,
  5121: 1,
  5122: 2,
  5123: 2,
  5125: 4,
  5126: 4,
};
const COMPONENTS: Readonly<Record<string, number>> = {
  SCALAR: 1,
  VEC2: 2,
  VEC3: 3,
  VEC4: 4,
  MAT2: 4,
  MAT3: 9,
  MAT4: 16,
};

/** The library reads what lies past the end of a view as NaN; better to say what is wrong. */
function checkRanges({ buffers = [], bufferViews = [], accessors = [] }: GltfJson): void {
  for (const { buffer = -1, byteOffset = 0, byteLength = 0, extensions } of bufferViews)
    if (!extensions && byteOffset + byteLength > (buffers[buffer]?.byteLength ?? 0))
      throw meshError('malformed-mesh', 'a buffer view reaches past its buffer; export the head again');
  accessors.forEach(({ bufferView, byteOffset = 0, componentType = 0, count = 0, type = '' }, index) => {
    if (bufferView === undefined) return;
    const view = bufferViews[bufferView];
    const element = (COMPONENT_BYTES[componentType] ?? 0) * (COMPONENTS[type] ?? 0);
    const last = byteOffset + (view?.byteStride ?? element) * (count - 1) + element;
    if (!view || last > (view.byteLength ?? 0))
      throw meshError(
        'malformed-mesh',
        `accessor ${index} of the glTF file reaches past its data; export the head again`,
      );
  });
}

function safeDecode(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
