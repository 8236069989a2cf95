/** What turns the decoder's controls into a moving head. */
export interface FaceRig {
  /** Names of the controls that this head cannot show. */
  readonly missing: readonly string[];
  /** Shows one frame of controls, in the manifest's order; allocates nothing. */
  apply(controls: Float32Array): void;
  /** Gives the head its own look back. */
  dispose(): void;
}
