declare module 'gltf-validator' {
  /** The Khronos validator's report on a .glb or .gltf file. */
  export function validateBytes(bytes: Uint8Array): Promise<unknown>;
}
