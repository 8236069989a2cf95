import type { OccEmotion } from './emotion.ts';

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
export const REQUIRED_EXPORT_FILES = [
  'decoder',
  'encoderSmall',
  'articulator',
  'context',
  'idle',
  'template',
  'templateInfo',
  'basis',
] as const;

/** The files an export may have; those it lists need not lie beside the others. */
export const OPTIONAL_EXPORT_FILES = ['encoderServer'] as const;

/** Version of the manifest that this code reads. */
export const MANIFEST_VERSION = 2;

/** The sizes of the audio encoder: `small` for any machine, `server` better and larger. */
export const ENCODER_SIZES = ['small', 'server'] as const;

/** `small` or `server`. */
export type EncoderSize = (typeof ENCODER_SIZES)[number];

/**
 * A streaming audio encoder: `audio` float32 [B, hopSamples n] and `state` float32 [B, stateSize] (zeros at the start) to
 * `logits` float32 [B, n, lip heads, classes], `features` float32 [B, n, featureSize] and `nextState`. n is a multiple of
 * `blockFrames`. Output i belongs to the face frame `lookaheadFrames` before.
 */
export interface ManifestEncoder {
  /** Which of the manifest's files it is. */
  readonly file: 'encoderSmall' | 'encoderServer';
  readonly rateHz: number;
  /** Samples of a face frame. */
  readonly hopSamples: number;
  /** Frames that go through the network at a time. */
  readonly blockFrames: number;
  readonly lookaheadFrames: number;
  readonly stateSize: number;
  readonly featureSize: number;
  /** Most frames in one run. */
  readonly maxFrames: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Most rows in one run. */
  readonly maxBatch?: number;
  readonly [key: string]: unknown;
}

/**
 * Lips from known phone times: `phones` and `stress` int32 [B, m n] (m labels a frame: an index into `symbols`; 0 none,
 * 1 primary, 2 secondary, 0 for consonants) and `audio` float32 [B, hopSamples n] to `logits` float32
 * [B, n, lip heads, classes]. Output i belongs to face frame i. It sees both sides: a frame nearer than `marginFrames` to
 * an edge wants that much context there, or silence.
 */
export interface ManifestArticulator {
  readonly file: 'articulator';
  /** Labels a second. */
  readonly rateHz: number;
  /** Label k says what samples [k samplesPerLabel, (k + 1) samplesPerLabel) hold. */
  readonly samplesPerLabel: number;
  /** `sil` and the 39 phones of ARPABET, each once. */
  readonly symbols: readonly string[];
  readonly marginFrames: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly [key: string]: unknown;
}

/**
 * The upper face: `past` int32 [B, window, upper heads], `features` float32 [B, featureSize] and `emotion` float32
 * [B, emotions] (an intensity for each of the manifest's emotions; all zero is neutral) to `logits` float32
 * [B, upper heads, classes].
 */
export interface ManifestContext {
  readonly window: number;
  readonly featureSize: number;
  /** Divides the logits when a class is drawn. Default 1. */
  readonly temperature?: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly [key: string]: unknown;
}

/** `models/exports/manifest.json`: shapes, units and hashes of one trained face model. */
export interface FaceManifest {
  readonly format: 'parley-face';
  readonly version: typeof MANIFEST_VERSION;
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
    Readonly<Partial<Record<(typeof OPTIONAL_EXPORT_FILES)[number], ManifestFile>>> &
    Readonly<Record<string, ManifestFile>>;
  readonly encoders: { readonly small: ManifestEncoder; readonly server?: ManifestEncoder };
  readonly articulator: ManifestArticulator;
  /** What the numbers of the context model's `emotion` stand for, in order: {@link OCC_EMOTIONS}. */
  readonly emotions: readonly OccEmotion[];
  readonly context: ManifestContext;
  /** The vertex basis: V vertices, and for each shape control metres per int16 unit. */
  readonly basis: { readonly vertices: number; readonly scale: readonly number[] };
  readonly idle: { readonly frames: number };
  readonly scores: Readonly<Record<string, unknown>>;
}
