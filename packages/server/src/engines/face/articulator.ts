import type { FaceManifest } from '@parley/sdk';
import type * as ort from 'onnxruntime-node';
import type { FaceAudio } from '../contracts.ts';
import { likeliestClass } from './choose-class.ts';
import { KnownSpeech, type SpeechWindow } from './known-speech.ts';
import { RowBatcher } from './row-batcher.ts';

/** Longest stretch in one run, margins apart: ten seconds. */
const MAX_RUN_FRAMES = 300;
/** Clauses of equal length that may share a run. */
const MAX_BATCH = 4;

/** Lips from known phones, for all utterances of a server. */
export class Articulator {
  readonly #manifest: FaceManifest;
  readonly #batcher: RowBatcher;

  constructor(manifest: FaceManifest, session: ort.InferenceSession) {
    this.#manifest = manifest;
    this.#batcher = new RowBatcher(session, { phones: [-1], stress: [-1], audio: [-1] }, MAX_BATCH);
  }

  /** The lips of one utterance. */
  begin(): ArticulatedLips {
    return new ArticulatedLips(this.#manifest, (window) => this.#run(window));
  }

  /** @returns frames x lip heads, the likeliest classes. */
  async #run({ phones, stress, audio }: SpeechWindow): Promise<Uint8Array> {
    const { classes } = this.#manifest.codec;
    const { logits } = await this.#batcher.run({ phones, stress, audio });
    return Uint8Array.from({ length: logits!.length / classes }, (_, row) =>
      likeliestClass(logits!, row * classes, classes),
    );
  }
}

/**
 * The lips of one utterance where its phones are known. They see the phones on both sides as far as those have come:
 * beyond that, and where phones are unknown, they see silence. A frame is asked for when the audio encoder's look-ahead
 * is in, so that the end of a clause is seen together with the beginning of the next one.
 */
export class ArticulatedLips {
  readonly #manifest: FaceManifest;
  readonly #run: (window: SpeechWindow) => Promise<Uint8Array>;
  readonly #speech: KnownSpeech;
  readonly #hopSamples: number;
  /** What the last run gave; void as soon as more phones come. */
  #known: { readonly startFrame: number; readonly endFrame: number; readonly codes: Uint8Array } | null =
    null;

  constructor(manifest: FaceManifest, run: (window: SpeechWindow) => Promise<Uint8Array>) {
    this.#manifest = manifest;
    this.#run = run;
    this.#hopSamples = manifest.encoders.small.hopSamples;
    const { samplesPerLabel, symbols } = manifest.articulator;
    this.#speech = new KnownSpeech({ hopSamples: this.#hopSamples, samplesPerLabel, symbols });
  }

  /** @throws RangeError for malformed phones. */
  push(audio: FaceAudio): void {
    this.#speech.push(audio);
    if (!(audio instanceof Float32Array)) this.#known = null;
  }

  /**
   * @param frame Not before the frame that was asked for last.
   * @returns A code for each lip head; null where the phones are not known.
   */
  async at(frame: number): Promise<Uint8Array | null> {
    const { marginFrames } = this.#manifest.articulator;
    const lipHeads = this.#manifest.codec.lipHeads.length;
    this.#speech.forget((frame - marginFrames) * this.#hopSamples);
    if (!this.#known || frame >= this.#known.endFrame || frame < this.#known.startFrame) {
      const region = this.#speech.regionAt(frame * this.#hopSamples);
      if (!region) return null;
      const endFrame = Math.min(Math.ceil(region.endSample / this.#hopSamples), frame + MAX_RUN_FRAMES);
      const frames = endFrame - frame + 2 * marginFrames;
      const codes = await this.#run(this.#speech.window(frame - marginFrames, frames, region));
      this.#known = { startFrame: frame, endFrame, codes: codes.subarray(marginFrames * lipHeads) };
    }
    const row = frame - this.#known.startFrame;
    return this.#known.codes.subarray(row * lipHeads, (row + 1) * lipHeads);
  }
}
