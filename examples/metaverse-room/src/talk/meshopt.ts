import { MeshoptCompression } from '@babylonjs/core/Meshes/Compression/meshoptCompression';

/** Has Babylon decode meshopt with the page's own copy; it would fetch one from its own server. */
export async function useOwnMeshopt(): Promise<void> {
  const { MeshoptDecoder } = await import('meshoptimizer/decoder');
  // Babylon loads a script and then looks for this: the script need do nothing more.
  Object.assign(globalThis, { MeshoptDecoder });
  MeshoptCompression.Configuration = { decoder: { url: 'data:text/javascript,' } };
}

/** True for glTF that is compressed with meshopt, as `gltfpack` does it. */
export function usesMeshopt(bytes: Uint8Array): boolean {
  return /(EXT|KHR)_meshopt_compression/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 1 << 20)));
}
