import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { type OnnxSessionOptions, openOnnxSession } from '../onnx-session.ts';
import { type TogetherPieces, WordPieces } from './word-pieces.ts';

export interface BertOptions extends OnnxSessionOptions {
  /** The graph's `.onnx`. */
  readonly modelPath: string;
  /** Its WordPiece vocabulary, one piece a line. */
  readonly vocabularyPath: string;
}

/** A graph of BERT's kind with the vocabulary that it reads. */
export class Bert {
  readonly pieces: WordPieces;
  /** Where it runs, and why not on a graphics card. */
  readonly device: string;
  readonly #session: ort.InferenceSession;

  private constructor(pieces: WordPieces, session: ort.InferenceSession, device: string) {
    this.pieces = pieces;
    this.#session = session;
    this.device = device;
  }

  static async load(options: BertOptions): Promise<Bert> {
    const pieces = new WordPieces(await readFile(options.vocabularyPath, 'utf8'));
    // A graph whose external data is given must come as bytes too.
    const model = options.externalData ? await readFile(options.modelPath) : options.modelPath;
    const { session, device } = await openOnnxSession(model, options);
    return new Bert(pieces, session, device);
  }

  /** Runs the graph on a batch; shorter inputs are padded. @returns Its outputs by name, a row for each input. */
  run(inputs: readonly TogetherPieces[]): Promise<ort.InferenceSession.OnnxValueMapType> {
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
    return this.#session.run({
      input_ids: new ort.Tensor('int64', ids, shape),
      token_type_ids: new ort.Tensor('int64', types, shape),
      attention_mask: new ort.Tensor('int64', mask, shape),
    });
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
