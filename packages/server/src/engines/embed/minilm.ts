import type { Embedder, Embedding } from '../contracts.ts';
import type { Device } from '../onnx-session.ts';
import { Bert } from './bert.ts';
import { normalise } from './normalise.ts';

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
  readonly #bert: Bert;

  private constructor(bert: Bert) {
    this.#bert = bert;
  }

  static async load(options: MiniLmOptions): Promise<MiniLm> {
    return new MiniLm(await Bert.load(options));
  }

  get device(): string {
    return this.#bert.device;
  }

  async *embed(texts: readonly string[], signal: AbortSignal): AsyncGenerator<Embedding> {
    const inputs = texts.map((text) => this.#bert.pieces.encode(text, MOST_PIECES));
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
    await this.#bert.close();
  }

  async #embedBatch(inputs: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const pieces = inputs[0]!.length;
    const result = await this.#bert.run(inputs.map((ids) => ({ ids, firstLength: ids.length })));
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
