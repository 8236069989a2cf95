import { Worker } from 'node:worker_threads';
import { ParleyError } from '@parley/sdk';
import type { WireError } from '../engines/worker/protocol.ts';
import { fromWireError } from '../engines/worker/wire-value.ts';
import type { BindJob, BindOutcome } from './bind-head-file.ts';

/** What the worker says. */
export type FromBindWorker =
  | { readonly type: 'step'; readonly step: string; readonly part: number }
  | { readonly type: 'done'; readonly outcome: BindOutcome }
  | { readonly type: 'failed'; readonly error: WireError };

/** Settings of {@link runBinding}. */
export interface RunBindingOptions {
  readonly signal?: AbortSignal;
  /** Told what is done now and which part of the whole is done, 0 to 1. */
  readonly onStep?: (step: string, part: number) => void;
}

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/**
 * Binds a head in a thread of its own, which an abort ends at once.
 * @throws ParleyError as `bindHeadFile`, `binding-failed` when the thread dies; the signal's reason.
 */
export async function runBinding(job: BindJob, options: RunBindingOptions = {}): Promise<BindOutcome> {
  const { signal, onStep } = options;
  signal?.throwIfAborted();
  const worker = new Worker(new URL(`./bind-worker.${EXTENSION}`, import.meta.url), {
    workerData: job,
    name: 'bind',
  });
  let stop: (() => void) | undefined;
  try {
    return await new Promise<BindOutcome>((resolve, reject) => {
      stop = () => reject(signal?.reason);
      signal?.addEventListener('abort', stop, { once: true });
      worker.on('message', (message: FromBindWorker) => {
        if (message.type === 'step') onStep?.(message.step, message.part);
        else if (message.type === 'done') resolve(message.outcome);
        else reject(fromWireError(message.error));
      });
      worker.once('error', (error) => {
        reject(new ParleyError('binding-failed', `The binding died: ${error.message}`, error));
      });
      worker.once('exit', (code) => {
        reject(
          new ParleyError('binding-failed', `The binding ended with code ${code}; is there memory left?`),
        );
      });
    });
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
