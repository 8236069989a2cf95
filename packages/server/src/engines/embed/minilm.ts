import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import type { Embedder, Embedding } from '../contracts.ts';
import { type Device, openOnnxSession } from '../onnx-session.ts';
import { normalise } from './normalise.ts';
import { WordPieces } from './word-pieces.ts';

export interface MiniLmOptions {
  /** The model's `.onnx`. */
  readonly modelPath: string;
  /** Its WordPiece vocabulary, one piece a line. */
  readonly vocabularyPath: string;
  readonly device: Device;
  readonly threads: number;
}

/** The model was trained on sentences of at most this many pieces. */
const MOST_PIECES = 128;
/** Pieces in one run; more would keep a question waiting behind a book that is being read. */
const MOST_BATCH_PIECES = 128;

/**
 * all-MiniLM-L6-v2: sentences as 384 numbers, alike where they mean alike. English.
 * Papers: Reimers and Gurevych 2019, https://arxiv.org/abs/1908.10084; Wang et al. 2020, https://arxiv.org/abs/2002.10957
 */
export class MiniLm implements Embedder {
  readonly device: string;
  readonly #session: ort.InferenceSession;
  readonly #pieces: WordPieces;

  private constructor(session: ort.InferenceSession, device: string, pieces: WordPieces) {
    this.#session = session;
    this.device = device;
    this.#pieces = pieces;
  }

  static async load(options: MiniLmOptions): Promise<MiniLm> {
    const pieces = new WordPieces(await readFile(options.vocabularyPath, 'utf8'));
    const { session, device } = await openOnnxSession(options.modelPath, options);
    return new MiniLm(session, device, pieces);
  }

  async *embed(texts: readonly string[], signal: AbortSignal): AsyncGenerator<Embedding> {
    const inputs = texts.map((text) => this.#pieces.encode(text, MOST_PIECES));
    const vectors = new Map<number, Float32Array>();
    let next = 0;
    // Texts of one length are done together: no padding, and words take a fifth of the time.
    for (const batch of batchesOfOneLength(inputs)) {
      signal.throwIfAborted();
      const done = await this.#embedBatch(batch.map((index) => inputs[index]!));
      for (const [row, index] of batch.entries()) vectors.set(index, done[row]!);
      for (let vector = vectors.get(next); vector; vector = vectors.get(next)) {
        vectors.delete(next++);
        yield { vector };
      }
    }
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  async #embedBatch(inputs: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const pieces = inputs[0]!.length;
    const shape = [inputs.length, pieces];
    const integers = (values: readonly number[]) =>
      new ort.Tensor('int64', BigInt64Array.from(values, BigInt), shape);
    const flat = inputs.flat();
    const result = await this.#session.run({
      input_ids: integers(flat),
      attention_mask: integers(flat.map(() => 1)),
      token_type_ids: integers(flat.map(() => 0)),
    });
    const states = result.last_hidden_state!;
    const size = states.dims[2]!;
    const values = states.data as Float32Array;
    return inputs.map((_, row) => {
      // The mean over the pieces, of length 1.
      const mean = new Float32Array(size);
      const from = row * pieces * size;
      for (let i = 0; i < pieces * size; i++) mean[i % size]! += values[from + i]!;
      return normalise(mean);
    });
  }
}

/** Indices of the inputs, in batches of inputs that are equally long. */
function batchesOfOneLength(inputs: readonly (readonly number[])[]): number[][] {
  const byLength = new Map<number, number[][]>();
  inputs.forEach(({ length }, index) => {
    const batches = byLength.get(length) ?? [];
    byLength.set(length, batches);
    const last = batches.at(-1);
    if (last && last.length * length < MOST_BATCH_PIECES) last.push(index);
    else batches.push([index]);
  });
  return [...byLength.values()].flat();
}
