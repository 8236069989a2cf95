import { DracoDecoder } from '@babylonjs/core/Meshes/Compression/dracoDecoder';
import wasmUrl from 'draco3dgltf/draco_decoder_gltf.wasm?url';

/** Has Babylon decode Draco with the page's own copy; it would fetch one from its own server. */
export async function useOwnDraco(): Promise<void> {
  const [module, reply] = await Promise.all([
    // @ts-expect-error The package has no types; Babylon takes the module as it is.
    import('draco3dgltf/draco_decoder_gltf_nodejs.js'),
    fetch(wasmUrl),
  ]);
  DracoDecoder.DefaultConfiguration = {
    wasmUrl,
    wasmBinaryUrl: wasmUrl,
    wasmBinary: await reply.arrayBuffer(),
    jsModule: module.default,
    numWorkers: 0,
  };
}

/** True for glTF that is compressed with Draco: its header says so among the first bytes. */
export function usesDraco(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, 1 << 20)).includes('KHR_draco_mesh_compression');
}
