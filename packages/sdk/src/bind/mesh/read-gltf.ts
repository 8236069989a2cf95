import {
  type Accessor,
  type Document,
  type JSONDocument,
  Logger,
  type Node,
  type Primitive,
  type Skin,
  Verbosity,
  WebIO,
} from '@gltf-transform/core';
import { ALL_EXTENSIONS } from '@gltf-transform/extensions';
import { ParleyError } from '../../errors.ts';
import type { HeadJoint, HeadMesh, HeadMorph, HeadPart, HeadSkin } from '../head-mesh.ts';
import { determinant3, type Matrix4, multiply4, transformNormals, transformTriples } from './affine.ts';
import { meshError } from './mesh-error.ts';
import { readVrm } from './read-vrm.ts';

const GLB_MAGIC = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;
const BIN_CHUNK = 0x004e4942;
const TRIANGLES = 4;
const TRIANGLE_STRIP = 5;
const TRIANGLE_FAN = 6;
const IDENTITY: Matrix4 = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** Needed extensions that change how a head looks or what it can do, and not where its vertices are. */
const HARMLESS =
  /^(KHR_materials_|KHR_texture_|EXT_texture_|MSFT_texture_|KHR_lights|EXT_lights|VRM|KHR_xmp)/;

/** Settings of {@link readGltf}. */
export interface ReadGltfOptions {
  /** Files that a .gltf refers to, by the URI that it names them with. */
  readonly resources?: Readonly<Record<string, Uint8Array>>;
  /**
   * Draco's decoder, for files that need it. Default: the package `draco3dgltf`, which finds its WebAssembly by itself in
   * Node; a browser gives `() => createDecoderModule({ wasmBinary })`.
   */
  readonly draco?: () => Promise<unknown>;
}

/** The JSON of a glTF file, as far as it is looked at before the library reads it. */
interface GltfJson {
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

/**
 * Reads .glb or .gltf: every triangle primitive of every node of the scene becomes a part. Draco, meshopt, quantised, sparse
 * and interleaved data are read; textures are not.
 *
 * Skinned parts come in their bind pose, put rigidly to where the file's resting pose has the head's joint: so parts of
 * differently quantised skins fit together, and {@link HeadPart.localToHead} leads from a vertex of the file to the head's
 * frame by one matrix.
 * @throws ParleyError with a `MeshErrorCode`.
 * @see {@link https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html}
 */
export async function readGltf(bytes: Uint8Array, options: ReadGltfOptions = {}): Promise<HeadMesh> {
  const { json, resources } = openContainer(bytes, options.resources ?? {});
  checkJson(json, resources);
  let document: Document;
  try {
    document = await createIo(json, options).then((io) =>
      io.readJSON({ json, resources } as unknown as JSONDocument),
    );
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw meshError(
      'malformed-mesh',
      `the glTF file cannot be read (${String((error as Error)?.message ?? error)}); export the head again`,
      error,
    );
  }
  try {
    const head = toHead(document);
    return { ...head, ...readVrm(json, head.parts) };
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    // The library reads accessors when they are asked for: what points outside its buffer fails here.
    throw meshError(
      'malformed-mesh',
      'the glTF file points outside its own data; export the head again',
      error,
    );
  }
}

/** True for the first bytes of a .glb. */
export function isGlb(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === GLB_MAGIC;
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

async function createIo(json: GltfJson, options: ReadGltfOptions): Promise<WebIO> {
  const used = new Set([...(json.extensionsUsed ?? []), ...(json.extensionsRequired ?? [])]);
  const dependencies: Record<string, unknown> = {};
  if (used.has('KHR_draco_mesh_compression')) {
    try {
      dependencies['draco3d.decoder'] = await (options.draco ?? defaultDraco)();
    } catch (error) {
      throw meshError(
        'unsupported-mesh',
        "the file is compressed with Draco and Draco's decoder does not load; check that its .wasm is served",
        error,
      );
    }
  }
  if (used.has('EXT_meshopt_compression') || used.has('KHR_meshopt_compression')) {
    const { MeshoptDecoder } = await import('meshoptimizer/decoder');
    await MeshoptDecoder.ready;
    dependencies['meshopt.decoder'] = MeshoptDecoder;
  }
  return new WebIO()
    .setLogger(new Logger(Verbosity.SILENT))
    .registerExtensions(ALL_EXTENSIONS)
    .registerDependencies(dependencies);
}

async function defaultDraco(): Promise<unknown> {
  // @ts-expect-error The package has no types; what starts it is all that is used here.
  const draco = await import('draco3dgltf');
  return (draco.default ?? draco).createDecoderModule();
}

function toHead(document: Document): HeadMesh {
  const root = document.getRoot();
  const scene = root.getDefaultScene() ?? root.listScenes()[0];
  const nodes: Node[] = [];
  if (scene) scene.traverse((node) => nodes.push(node));
  else nodes.push(...root.listNodes());
  const meshes = root.listMeshes();
  const warnings: string[] = [];
  const parts: HeadPart[] = [];
  const skins = new Set<Skin>();
  let unread = 0;
  for (const node of nodes) {
    const mesh = node.getMesh();
    if (!mesh) continue;
    const skin = node.getSkin();
    if (skin) skins.add(skin);
    mesh.listPrimitives().forEach((primitive, index) => {
      const mode = primitive.getMode();
      if (mode !== TRIANGLES && mode !== TRIANGLE_STRIP && mode !== TRIANGLE_FAN) {
        unread++;
        return;
      }
      const part = toPart(node, primitive, skin, {
        mesh: meshes.indexOf(mesh),
        primitive: index,
        name: mesh.getName() || node.getName(),
        targetNames: targetNames(mesh.getExtras()),
      });
      if (part) parts.push(part);
    });
  }
  if (unread > 0) warnings.push(`${unread} primitives of lines or points were left out`);
  if (parts.length === 0)
    throw meshError('empty-mesh', 'the glTF scene holds no triangles; export the head as a mesh');
  return { format: 'gltf', parts, joints: listJoints(skins), warnings };
}

function targetNames(extras: Record<string, unknown>): readonly string[] {
  const names = extras?.targetNames;
  return Array.isArray(names) ? names.map(String) : [];
}

function toPart(
  node: Node,
  primitive: Primitive,
  skin: Skin | null,
  source: { mesh: number; primitive: number; name: string; targetNames: readonly string[] },
): HeadPart | undefined {
  const place = primitive.getAttribute('POSITION');
  if (!place || place.getCount() === 0) return undefined;
  const count = place.getCount();
  const where = `mesh "${source.name}"`;
  const local = readFloats(place, 3, count);
  for (let i = 0; i < local.length; i++)
    if (!Number.isFinite(local[i]) || Math.abs(local[i]) > 1e30)
      throw meshError(
        'non-finite-mesh',
        `vertex ${Math.floor(i / 3)} of ${where} is at ${local[i]}; clean the mesh and export it again`,
      );
  const jointsOf = primitive.getAttribute('JOINTS_0');
  const weightsOf = primitive.getAttribute('WEIGHTS_0');
  const skinned: HeadSkin | undefined =
    skin && jointsOf && weightsOf ? readSkin(skin, jointsOf, weightsOf, count) : undefined;
  const localToHead = skin && skinned ? bindMatrix(skin, skinned) : node.getWorldMatrix();
  const positions = transformTriples(local, localToHead, 1);
  for (let i = 0; i < positions.length; i++)
    if (!Number.isFinite(positions[i]))
      throw meshError(
        'non-finite-mesh',
        `a transform of ${where} puts vertex ${Math.floor(i / 3)} nowhere; apply all transforms and export it again`,
      );

  const indices = readTriangles(primitive, count, where);
  if (indices.length === 0) return undefined;
  if (determinant3(localToHead) < 0)
    for (let i = 0; i < indices.length; i += 3)
      [indices[i + 1], indices[i + 2]] = [indices[i + 2], indices[i + 1]];

  const normal = primitive.getAttribute('NORMAL');
  const uv = primitive.getAttribute('TEXCOORD_0');
  const colour = primitive.getAttribute('COLOR_0');
  const material = primitive.getMaterial();
  const flat = material?.getBaseColorFactor();
  const morphs: HeadMorph[] = primitive.listTargets().map((target, index) => {
    const offsets = target.getAttribute('POSITION');
    return {
      name: source.targetNames[index] ?? target.getName(),
      offsets:
        offsets && offsets.getCount() === count
          ? transformTriples(readFloats(offsets, 3, count), localToHead, 0)
          : new Float32Array(count * 3),
    };
  });
  return {
    name: source.name,
    node: node.getName(),
    positions,
    indices,
    normals:
      normal && normal.getCount() === count
        ? transformNormals(readFloats(normal, 3, count), localToHead)
        : undefined,
    uvs: uv && uv.getCount() === count ? readFloats(uv, 2, count) : undefined,
    colours: colour && colour.getCount() === count ? readFloats(colour, 3, count) : undefined,
    material: material?.getName() ?? '',
    baseColour: flat ? [flat[0], flat[1], flat[2]] : undefined,
    opaque: !material || material.getAlphaMode() === 'OPAQUE',
    sourceVertices: Uint32Array.from({ length: count }, (_, i) => i),
    source: { mesh: source.mesh, primitive: source.primitive },
    localToHead: Float64Array.from(localToHead),
    morphs,
    skin: skinned,
  };
}

/** The first `size` numbers of every element, normalised integers as floats. */
function readFloats(accessor: Accessor, size: number, count: number): Float32Array {
  const out = new Float32Array(count * size);
  const element: number[] = [];
  for (let i = 0; i < count; i++) {
    accessor.getElement(i, element);
    for (let k = 0; k < size; k++) out[i * size + k] = element[k];
  }
  return out;
}

function readTriangles(primitive: Primitive, vertices: number, where: string): Uint32Array {
  const given = primitive.getIndices()?.getArray();
  const list = given ?? Uint32Array.from({ length: vertices }, (_, i) => i);
  const mode = primitive.getMode();
  let out: Uint32Array;
  if (mode === TRIANGLES) {
    if (list.length % 3 !== 0)
      throw meshError('malformed-mesh', `${where} has ${list.length} indices, which is no multiple of 3`);
    out = Uint32Array.from(list);
  } else {
    const triangles: number[] = [];
    for (let i = 2; i < list.length; i++) {
      const [a, b] = mode === TRIANGLE_FAN ? [0, i - 1] : i % 2 === 0 ? [i - 2, i - 1] : [i - 1, i - 2];
      triangles.push(list[a], list[b], list[i]);
    }
    out = Uint32Array.from(triangles);
  }
  for (const index of out)
    if (index >= vertices)
      throw meshError(
        'malformed-mesh',
        `${where} has a triangle at vertex ${index} and only ${vertices} vertices; export the head again`,
      );
  return out;
}

function readSkin(skin: Skin, joints: Accessor, weights: Accessor, count: number): HeadSkin {
  const jointIndices = new Uint16Array(count * 4);
  const jointWeights = readFloats(weights, 4, count);
  const element: number[] = [];
  const last = skin.listJoints().length - 1;
  for (let i = 0; i < count; i++) {
    joints.getElement(i, element);
    let sum = 0;
    for (let k = 0; k < 4; k++) {
      jointIndices[4 * i + k] = Math.min(element[k], last);
      if (!(jointWeights[4 * i + k] > 0)) jointWeights[4 * i + k] = 0;
      sum += jointWeights[4 * i + k];
    }
    if (sum > 0) for (let k = 0; k < 4; k++) jointWeights[4 * i + k] /= sum;
  }
  return { joints: skin.listJoints().map((joint) => joint.getName()), jointIndices, jointWeights };
}

/** How a joint carries a vertex of the file in the resting pose: its world matrix x its inverse bind matrix. */
function jointMatrix(skin: Skin, joint: number): number[] {
  const inverse: number[] = [];
  const accessor = skin.getInverseBindMatrices();
  if (accessor) accessor.getElement(joint, inverse);
  return multiply4(skin.listJoints()[joint].getWorldMatrix(), accessor ? inverse : IDENTITY);
}

/** The matrix of the head's joint; where no joint is named so, of the one that carries most. */
function bindMatrix(skin: Skin, { joints, jointIndices, jointWeights }: HeadSkin): number[] {
  let chosen = joints.findIndex((name) => /(^|[^a-z])head$/i.test(name));
  if (chosen < 0) chosen = joints.findIndex((name) => /head(?!.*(end|top|nub|tip))/i.test(name));
  if (chosen < 0) {
    const carried = new Float64Array(joints.length);
    for (let i = 0; i < jointIndices.length; i++) carried[jointIndices[i]] += jointWeights[i];
    chosen = carried.indexOf(Math.max(...carried));
  }
  return jointMatrix(skin, Math.max(0, chosen));
}

function listJoints(skins: ReadonlySet<Skin>): HeadJoint[] {
  const nodes = new Map<Node, number>();
  for (const skin of skins)
    for (const joint of skin.listJoints()) if (!nodes.has(joint)) nodes.set(joint, nodes.size);
  return [...nodes.keys()].map((node) => {
    let parent = node.getParentNode();
    while (parent && !nodes.has(parent)) parent = parent.getParentNode();
    const world = node.getWorldMatrix();
    return {
      name: node.getName(),
      parent: parent ? nodes.get(parent)! : -1,
      position: [world[12], world[13], world[14]] as const,
    };
  });
}
