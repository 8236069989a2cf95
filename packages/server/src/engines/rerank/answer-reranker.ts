import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import type { AnswerCandidate, Reranker } from '../contracts.ts';
import { type TogetherPieces, WordPieces } from '../embed/word-pieces.ts';
import { type Device, openOnnxSession } from '../onnx-session.ts';

export interface AnswerRerankerOptions {
  /** The graph of models/answers.py. */
  readonly modelPath: string;
  /** The sentence embedder's `.onnx`, whose embeddings of word pieces the graph reads. */
  readonly embedderPath: string;
  /** Its WordPiece vocabulary, one piece a line. */
  readonly vocabularyPath: string;
  readonly device: Device;
  readonly threads: number;
}

/** Pieces of an input in training; see models/answers.py. */
const MOST_PIECES = 80;
/** Inputs that are read at once, of like lengths: with all twelve padded to the longest a question takes twice the time. */
const READ_TOGETHER = 3;
/** The graph's name for the file of the embeddings. */
const EMBEDDER = 'minilm-l6-v2-int8.onnx';

/**
 * A cross-encoder on MiniLM that was trained on questions and the sentences that answer them, or nearly do: models/answers.py. English.
 * Paper: Nogueira and Cho 2019, https://arxiv.org/abs/1901.04085
 */
export class AnswerReranker implements Reranker {
  readonly device: string;
  readonly #session: ort.InferenceSession;
  readonly #pieces: WordPieces;

  private constructor(session: ort.InferenceSession, device: string, pieces: WordPieces) {
    this.#session = session;
    this.device = device;
    this.#pieces = pieces;
  }

  static async load(options: AnswerRerankerOptions): Promise<AnswerReranker> {
    const pieces = new WordPieces(await readFile(options.vocabularyPath, 'utf8'));
    const externalData = [{ path: EMBEDDER, data: await readFile(options.embedderPath) }];
    const model = await readFile(options.modelPath);
    const { session, device } = await openOnnxSession(model, { ...options, externalData });
    return new AnswerReranker(session, device, pieces);
  }

  async rank(
    question: string,
    candidates: readonly AnswerCandidate[],
    signal: AbortSignal,
  ): Promise<Float32Array> {
    signal.throwIfAborted();
    if (candidates.length === 0) return new Float32Array(0);
    const inputs = candidates.map(({ text, context }) =>
      this.#pieces.encodeTogether([question, text, context], MOST_PIECES),
    );
    const logits = new Float32Array(inputs.length);
    const byLength = inputs.map((_, i) => i).sort((a, b) => inputs[a].ids.length - inputs[b].ids.length);
    for (let from = 0; from < byLength.length; from += READ_TOGETHER) {
      signal.throwIfAborted();
      const rows = byLength.slice(from, from + READ_TOGETHER);
      const read = await this.#read(rows.map((row) => inputs[row]));
      for (const [i, row] of rows.entries()) logits[row] = read[i];
    }
    return logits;
  }

  async #read(inputs: readonly TogetherPieces[]): Promise<Float32Array> {
    const longest = Math.max(...inputs.map(({ ids }) => ids.length));
    const shape = [inputs.length, longest];
    const size = inputs.length * longest;
    const ids = new BigInt64Array(size);
    const types = new BigInt64Array(size);
    const mask = new BigInt64Array(size);
    for (const [row, input] of inputs.entries())
      for (const [at, id] of input.ids.entries()) {
        ids[row * longest + at] = BigInt(id);
        types[row * longest + at] = at < input.firstLength ? 0n : 1n;
        mask[row * longest + at] = 1n;
      }
    const { logits } = await this.#session.run({
      input_ids: new ort.Tensor('int64', ids, shape),
      token_type_ids: new ort.Tensor('int64', types, shape),
      attention_mask: new ort.Tensor('int64', mask, shape),
    });
    return logits!.data as Float32Array;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
