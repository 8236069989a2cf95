import { readFile } from 'node:fs/promises';
import type { AnswerCandidate, Reranker } from '../contracts.ts';
import { Bert } from '../embed/bert.ts';
import type { Device } from '../onnx-session.ts';

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
  readonly #bert: Bert;

  private constructor(bert: Bert) {
    this.#bert = bert;
  }

  static async load({ embedderPath, ...options }: AnswerRerankerOptions): Promise<AnswerReranker> {
    const externalData = [{ path: EMBEDDER, data: await readFile(embedderPath) }];
    return new AnswerReranker(await Bert.load({ ...options, externalData }));
  }

  get device(): string {
    return this.#bert.device;
  }

  async rank(
    question: string,
    candidates: readonly AnswerCandidate[],
    signal: AbortSignal,
  ): Promise<Float32Array> {
    signal.throwIfAborted();
    if (candidates.length === 0) return new Float32Array(0);
    const inputs = candidates.map(({ text, context }) =>
      this.#bert.pieces.encodeTogether([question, text, context], MOST_PIECES),
    );
    const all = new Float32Array(inputs.length);
    const byLength = inputs.map((_, i) => i).sort((a, b) => inputs[a].ids.length - inputs[b].ids.length);
    for (let from = 0; from < byLength.length; from += READ_TOGETHER) {
      signal.throwIfAborted();
      const rows = byLength.slice(from, from + READ_TOGETHER);
      const { logits } = await this.#bert.run(rows.map((row) => inputs[row]));
      for (const [i, row] of rows.entries()) all[row] = (logits.data as Float32Array)[i];
    }
    return all;
  }

  async close(): Promise<void> {
    await this.#bert.close();
  }
}
