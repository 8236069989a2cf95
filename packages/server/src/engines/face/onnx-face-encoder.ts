import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkEmotion,
  checkExportFile,
  type Emotion,
  type EncoderSize,
  type FaceManifest,
  type ManifestEncoder,
  ParleyError,
  readManifest,
} from '@parley/sdk';
import type * as ort from 'onnxruntime-node';
import type { FaceAudio, FaceCodes, FaceEncodeOptions, FaceEncoder } from '../contracts.ts';
import { openOnnxSession } from '../onnx-session.ts';
import { type ArticulatedLips, Articulator } from './articulator.ts';
import { likeliestClass, sampleClass } from './choose-class.ts';
import { RowBatcher } from './row-batcher.ts';
import { seededRandom } from './seeded-random.ts';

export interface FaceEncoderOptions {
  /** Folder with `manifest.json` and the files it names. */
  readonly exportsPath: string;
  readonly threads: number;
  /** Which of the audio encoders to load. */
  readonly encoder: EncoderSize;
}

const MAX_BATCH = 8;

/**
 * Speech to face codes with the exported networks. Lips are the likeliest class of the articulator where the phones are
 * known, else of the audio encoder; the upper face is sampled from the context model, which sees its own past, the
 * audio's prosody and the emotion.
 */
export class OnnxFaceEncoder implements FaceEncoder {
  readonly manifest: FaceManifest;
  readonly #encoder: ManifestEncoder;
  readonly #sessions: readonly ort.InferenceSession[];
  readonly #audio: RowBatcher;
  readonly #context: RowBatcher;
  readonly #articulator: Articulator;
  readonly #temperature: number;

  private constructor(
    manifest: FaceManifest,
    shape: ManifestEncoder,
    encoder: ort.InferenceSession,
    context: ort.InferenceSession,
    articulator: ort.InferenceSession,
  ) {
    this.manifest = manifest;
    this.#encoder = shape;
    this.#sessions = [encoder, context, articulator];
    this.#articulator = new Articulator(manifest, articulator);
    const { hopSamples, blockFrames, stateSize, featureSize, maxBatch = MAX_BATCH } = shape;
    const audioShapes = { audio: [hopSamples * blockFrames], state: [stateSize] };
    this.#audio = new RowBatcher(encoder, audioShapes, maxBatch);
    const { temperature = 1, window } = manifest.context;
    const contextShapes = {
      past: [window, manifest.codec.upperHeads.length],
      features: [featureSize],
      emotion: [manifest.emotions.length],
    };
    this.#context = new RowBatcher(context, contextShapes, maxBatch);
    this.#temperature = temperature;
  }

  /** @throws ParleyError `missing-export`, `bad-manifest`, `bad-export`. */
  static async load(options: FaceEncoderOptions): Promise<OnnxFaceEncoder> {
    const read = async (path: string) => {
      try {
        return await readFile(join(options.exportsPath, path));
      } catch (cause) {
        const message = `The face model's ${path} is not in ${options.exportsPath}: get it from the repository.`;
        throw new ParleyError('missing-export', message, cause);
      }
    };
    const manifest = readManifest(JSON.parse((await read('manifest.json')).toString('utf8')));
    const shape = manifest.encoders[options.encoder];
    if (!shape)
      throw new ParleyError(
        'missing-export',
        `The face model in ${options.exportsPath} has no ${options.encoder} encoder: choose "small", or export one.`,
      );
    const open = async (name: ManifestEncoder['file'] | 'context' | 'articulator') => {
      const file = manifest.files[name]!;
      const bytes = checkExportFile(await read(file.path), file);
      return (await openOnnxSession(bytes, { device: 'cpu', threads: options.threads })).session;
    };
    return new OnnxFaceEncoder(
      manifest,
      shape,
      await open(shape.file),
      await open('context'),
      await open('articulator'),
    );
  }

  async *encode(
    input: AsyncIterable<FaceAudio>,
    { seed, emotion }: FaceEncodeOptions,
    signal: AbortSignal,
  ): AsyncGenerator<FaceCodes> {
    const { hopSamples, blockFrames } = this.#encoder;
    const lips = this.#articulator.begin();
    const stream = new FaceStream({
      manifest: this.manifest,
      encoder: this.#encoder,
      audio: this.#audio,
      context: this.#context,
      temperature: this.#temperature,
      lips,
      seed,
      emotion: intensities(this.manifest, emotion),
    });
    const block = new Float32Array(hopSamples * blockFrames);
    let filled = 0;
    let heardSamples = 0;
    for await (const piece of input) {
      const chunk = piece instanceof Float32Array ? piece : piece.pcm;
      lips.push(piece);
      heardSamples += chunk.length;
      for (let from = 0; from < chunk.length; ) {
        const take = Math.min(block.length - filled, chunk.length - from);
        block.set(chunk.subarray(from, from + take), filled);
        from += take;
        filled += take;
        if (filled < block.length) break;
        signal.throwIfAborted();
        const codes = await stream.next(block, Number.POSITIVE_INFINITY);
        if (codes) yield codes;
        filled = 0;
      }
    }
    const frames = Math.ceil(heardSamples / hopSamples);
    for (block.fill(0, filled); stream.frame < frames; block.fill(0)) {
      signal.throwIfAborted();
      const codes = await stream.next(block, frames);
      if (codes) yield codes;
    }
    signal.throwIfAborted();
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) await session.release();
  }
}

/** The context model's input: how strong each emotion is. */
function intensities(manifest: FaceManifest, emotion: Emotion | undefined): Float32Array {
  const row = new Float32Array(manifest.emotions.length);
  if (!emotion) return row;
  const { name, intensity } = checkEmotion(emotion);
  row[manifest.emotions.indexOf(name)] = intensity;
  return row;
}

/** What one utterance goes through. */
interface FaceStreamParts {
  readonly manifest: FaceManifest;
  readonly encoder: ManifestEncoder;
  readonly audio: RowBatcher;
  readonly context: RowBatcher;
  readonly temperature: number;
  readonly lips: ArticulatedLips;
  readonly seed: number;
  /** An intensity for each of the manifest's emotions. */
  readonly emotion: Float32Array;
}

/** One utterance on its way through the networks. */
class FaceStream {
  readonly #parts: FaceStreamParts;
  readonly #random: () => number;
  readonly #past: Int32Array;
  #state: Float32Array;
  #skip: number;
  /** Next face frame to come out. */
  frame = 0;

  constructor(parts: FaceStreamParts) {
    const { manifest, encoder, seed } = parts;
    this.#parts = parts;
    this.#random = seededRandom(seed);
    this.#state = new Float32Array(encoder.stateSize);
    this.#skip = encoder.lookaheadFrames;
    const { neutral, upperHeads } = manifest.codec;
    this.#past = Int32Array.from(
      { length: manifest.context.window * upperHeads.length },
      (_, i) => neutral[upperHeads[i % upperHeads.length]!]!,
    );
  }

  /**
   * @param audio The next block.
   * @param endFrame Frames from here on are not wanted.
   * @returns The frames that are now known; null while only the look-ahead fills.
   */
  async next(audio: Float32Array, endFrame: number): Promise<FaceCodes | null> {
    const { manifest, encoder, audio: network, lips } = this.#parts;
    const { codec } = manifest;
    const { blockFrames, featureSize } = encoder;
    const { logits, features, nextState } = await network.run({
      audio: audio.slice(),
      state: this.#state,
    });
    this.#state = nextState!;
    const first = Math.min(this.#skip, blockFrames);
    this.#skip -= first;
    const startFrame = this.frame;
    const frames = Math.min(blockFrames - first, endFrame - startFrame);
    if (frames <= 0) return null;
    const codes = new Uint8Array(frames * codec.heads);
    const lipSize = codec.lipHeads.length * codec.classes;
    for (let i = 0; i < frames; i++) {
      const row = codes.subarray(i * codec.heads, (i + 1) * codec.heads);
      const articulated = await lips.at(startFrame + i);
      codec.lipHeads.forEach((head, index) => {
        const offset = (first + i) * lipSize + index * codec.classes;
        row[head] = articulated?.[index] ?? likeliestClass(logits!, offset, codec.classes);
      });
      const at = (first + i) * featureSize;
      await this.#sampleUpper(row, features!.subarray(at, at + featureSize));
    }
    this.frame += frames;
    return { startFrame, codes, frames };
  }

  async #sampleUpper(row: Uint8Array, features: Float32Array): Promise<void> {
    const { manifest, context, temperature, emotion } = this.#parts;
    const { upperHeads, classes } = manifest.codec;
    if (upperHeads.length === 0) return;
    const { logits } = await context.run({ past: this.#past.slice(), features, emotion });
    this.#past.copyWithin(0, upperHeads.length);
    upperHeads.forEach((head, index) => {
      const code = sampleClass(logits!, index * classes, classes, temperature, this.#random());
      row[head] = code;
      this.#past[this.#past.length - upperHeads.length + index] = code;
    });
  }
}
