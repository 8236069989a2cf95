import { ParleyError } from '../errors.ts';
import type { FaceDecoder } from './face-decoder.ts';

/** What {@link batchDecodes} wraps: one run of the model at a time. */
export interface DecodeRun {
  readonly window: number;
  readonly heads: number;
  readonly controls: number;
  /** Decodes `batch` windows; `codes` belongs to the callee. Never called again before it has settled. */
  run(codes: Int32Array, batch: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Windows in one run of the model; what is more waits for the next. So many take some 5 ms on one core. */
export const MAX_DECODE_BATCH = 256;

interface Request {
  readonly codes: Int32Array;
  readonly batch: number;
  readonly resolve: (controls: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the requests of one tick, and those that come while the model is busy, into one run.
 * @param model The model underneath.
 * @param maxBatch Windows in one run. A single larger request still runs whole. Default {@link MAX_DECODE_BATCH}.
 */
export function batchDecodes(model: DecodeRun, maxBatch = MAX_DECODE_BATCH): FaceDecoder {
  const { window, heads, controls } = model;
  const rowSize = window * heads;
  let waiting: Request[] = [];
  let running: Promise<void> | undefined;
  let closed = false;

  const runWaiting = async (): Promise<void> => {
    // One turn of the microtask queue, so that all NPCs of this tick are in.
    await undefined;
    while (waiting.length > 0) {
      let batch = 0;
      let count = 0;
      while (count < waiting.length && (count === 0 || batch + waiting[count].batch <= maxBatch))
        batch += waiting[count++].batch;
      const requests = waiting.slice(0, count);
      waiting = waiting.slice(count);
      const codes = requests.length === 1 ? requests[0].codes : new Int32Array(batch * rowSize);
      if (requests.length > 1) {
        let row = 0;
        for (const request of requests) {
          codes.set(request.codes, row * rowSize);
          row += request.batch;
        }
      }
      try {
        const out = await model.run(codes, batch);
        if (out.length !== batch * controls)
          throw new Error(`the model gave ${out.length} numbers for ${batch} x ${controls}`);
        let row = 0;
        for (const request of requests) {
          request.resolve(out.slice(row * controls, (row + request.batch) * controls));
          row += request.batch;
        }
      } catch (error) {
        const failure =
          error instanceof ParleyError
            ? error
            : new ParleyError('decoder-failed', `the face decoder could not run: ${String(error)}`, error);
        for (const request of requests) request.reject(failure);
      }
    }
    running = undefined;
  };

  return {
    window,
    heads,
    controls,
    decode(codes, batch) {
      if (!Number.isInteger(batch) || batch < 1)
        throw new RangeError(`batch must be at least 1, not ${batch}`);
      if (codes.length < batch * rowSize)
        throw new RangeError(
          `${batch} windows of ${window} x ${heads} codes need ${batch * rowSize}, not ${codes.length}`,
        );
      if (closed) return Promise.reject(new ParleyError('decoder-failed', 'the face decoder is closed'));
      return new Promise((resolve, reject) => {
        waiting.push({ codes: codes.slice(0, batch * rowSize), batch, resolve, reject });
        running ??= runWaiting();
      });
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const request of waiting)
        request.reject(new ParleyError('decoder-failed', 'the face decoder is closed'));
      waiting = [];
      await running;
      await model.close();
    },
  };
}
