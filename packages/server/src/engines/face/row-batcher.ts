import * as ort from 'onnxruntime-node';

type Row = Float32Array | Int32Array;
type Rows = Readonly<Record<string, Row>>;

interface Waiting {
  readonly inputs: Rows;
  readonly resolve: (outputs: Record<string, Float32Array>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs a model whose every tensor has the batch first. Calls that wait at the same time become one run, so that several
 * speaking NPCs cost little more than one.
 */
export class RowBatcher {
  readonly #session: ort.InferenceSession;
  readonly #rowShapes: Readonly<Record<string, readonly number[]>>;
  readonly #maxBatch: number;
  readonly #waiting: Waiting[] = [];
  #isScheduled = false;

  /**
   * @param rowShapes Shape of one row of each input, without the batch; -1 for one dimension whose length varies. Rows
   * of different lengths never share a run.
   */
  constructor(
    session: ort.InferenceSession,
    rowShapes: Readonly<Record<string, readonly number[]>>,
    maxBatch: number,
  ) {
    this.#session = session;
    this.#rowShapes = rowShapes;
    this.#maxBatch = maxBatch;
  }

  /** @returns This row of every output. */
  run(inputs: Rows): Promise<Record<string, Float32Array>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ inputs, resolve, reject });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        const results = await this.#session.run(this.#stack(batch));
        batch.forEach(({ resolve }, index) => {
          const outputs: Record<string, Float32Array> = {};
          for (const [name, tensor] of Object.entries(results)) {
            const size = tensor.size / batch.length;
            outputs[name] = (tensor.data as Float32Array).slice(index * size, (index + 1) * size);
          }
          resolve(outputs);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isScheduled = false;
  }

  /** The rows that waited longest and those of the same lengths. */
  #takeBatch(): Waiting[] {
    const isLikeFirst = (row: Waiting) =>
      Object.keys(this.#rowShapes).every(
        (name) => row.inputs[name]!.length === this.#waiting[0]!.inputs[name]!.length,
      );
    const batch = this.#waiting.filter(isLikeFirst).slice(0, this.#maxBatch);
    const taken = new Set(batch);
    const left = this.#waiting.filter((row) => !taken.has(row));
    this.#waiting.splice(0, this.#waiting.length, ...left);
    return batch;
  }

  #stack(batch: readonly Waiting[]): Record<string, ort.Tensor> {
    const tensors: Record<string, ort.Tensor> = {};
    for (const [name, shape] of Object.entries(this.#rowShapes)) {
      const rows = batch.map(({ inputs }) => inputs[name]!);
      const size = rows[0]!.length;
      const isFloat = rows[0] instanceof Float32Array;
      const data = isFloat ? new Float32Array(size * rows.length) : new Int32Array(size * rows.length);
      rows.forEach((row, index) => {
        data.set(row, index * size);
      });
      tensors[name] = new ort.Tensor(isFloat ? 'float32' : 'int32', data, [
        rows.length,
        ...shape.map((length) => (length === -1 ? size / -product(shape) : length)),
      ]);
    }
    return tensors;
  }
}

function product(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a * b, 1);
}
