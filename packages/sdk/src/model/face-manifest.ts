/** A file of the export, relative to the manifest. */
export interface ManifestFile {
  /** Relative path with forward slashes, inside the manifest's folder. */
  readonly path: string;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** One output of the decoder. */
export interface ManifestControl {
  readonly name: string;
  /** `shape`: has a field of vertex offsets in the basis; `rotation`: turns the head rigidly. */
  readonly kind: 'shape' | 'rotation';
  readonly unit: '1' | 'rad';
  readonly min: number;
  readonly max: number;
}

/** The files every export has. */
export const REQUIRED_EXPORT_FILES = ['decoder', 'encoder', 'context', 'template', 'basis', 'idle'] as const;

/** `models/exports/manifest.json`: shapes, units and hashes of one trained face model. */
export interface FaceManifest {
  readonly format: 'parley-face';
  readonly version: 1;
  readonly name: string;
  readonly licence: string;
  readonly trainingCommit: string;
  readonly codec: {
    /** H, categorical heads of a frame. */
    readonly heads: number;
    /** C, classes of each head. */
    readonly classes: number;
    /** Face frames a second; 24 000 is a multiple of it. */
    readonly fps: number;
    /** W, frames the decoder sees, the current one included. */
    readonly window: number;
    /** Codes of the neutral face, H of them; they stand in before the first frame. */
    readonly neutral: readonly number[];
    /** Heads that the lips are read from (argmax). */
    readonly lipHeads: readonly number[];
    /** Heads that are sampled: lids, brows, gaze, head motion. */
    readonly upperHeads: readonly number[];
  };
  /** Outputs of the decoder, in order. */
  readonly controls: readonly ManifestControl[];
  readonly files: Readonly<Record<(typeof REQUIRED_EXPORT_FILES)[number], ManifestFile>> &
    Readonly<Record<string, ManifestFile>>;
  readonly encoder: {
    readonly rateHz: number;
    readonly hopSamples: number;
    readonly lookaheadFrames: number;
    readonly stateSize: number;
    readonly featureSize: number;
    readonly maxBatch?: number;
    readonly [key: string]: unknown;
  };
  readonly context: { readonly window: number; readonly [key: string]: unknown };
  /** The vertex basis: V vertices, and for each shape control metres per int16 unit. */
  readonly basis: { readonly vertices: number; readonly scale: readonly number[] };
  readonly idle: { readonly frames: number };
  readonly scores: Readonly<Record<string, unknown>>;
}
