/** The decoder's package has no types of its own; only what starts it is used here. */
declare module 'draco3dgltf' {
  interface Draco {
    createDecoderModule(options?: { readonly wasmBinary?: Uint8Array }): Promise<unknown>;
  }
  const draco: Draco & { readonly default?: Draco };
  export = draco;
}
