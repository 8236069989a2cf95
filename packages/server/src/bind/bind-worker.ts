import { parentPort, workerData } from 'node:worker_threads';
import { toWireError, transferablesOf } from '../engines/worker/wire-value.ts';
import { type BindJob, bindHeadFile } from './bind-head-file.ts';
import type { FromBindWorker } from './run-binding.ts';

// One job, in a thread of its own: the solvers hold it for seconds, and whoever waits wants to stop it at any time.
const post = (message: FromBindWorker, transfer: ArrayBuffer[] = []) =>
  parentPort!.postMessage(message, transfer);
try {
  const outcome = await bindHeadFile(workerData as BindJob, (step, part) =>
    post({ type: 'step', step, part }),
  );
  post({ type: 'done', outcome }, transferablesOf(outcome));
} catch (error) {
  post({ type: 'failed', error: toWireError(error) });
}
