import { type Document, type JSONDocument, Logger, Verbosity, WebIO } from '@gltf-transform/core';
import { ALL_EXTENSIONS } from '@gltf-transform/extensions';
import { ParleyError } from '../../errors.ts';
import type { HeadMesh } from '../head-mesh.ts';
import { gltfToHead } from './gltf-to-head.ts';
import { meshError } from './mesh-error.ts';
import { type GltfJson, openGltf } from './open-gltf.ts';
import { readVrm } from './read-vrm.ts';

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
  const { json, resources } = openGltf(bytes, options.resources ?? {});
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
    const head = gltfToHead(document);
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
