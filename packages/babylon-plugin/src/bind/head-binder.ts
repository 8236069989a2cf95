import { ParleyError } from '@parley/sdk';
import type { BinderReply, BinderRequest, BindHeadStep, BindRequest, BindResult } from './messages.ts';
import { UnsureFaceError } from './unsure-face-error.ts';

/** Told what is done and how much of the whole, 0 to 1. */
export type OnBindProgress = (step: BindHeadStep, done: number) => void;

interface Job {
  readonly resolve: (result: BindResult) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress?: OnBindProgress;
}

/** A worker with nothing to do is let go after this: its nets take 50 MB. */
const IDLE_MS = 20_000;

/** The worker that binds heads, one after the other. Started by the first, ended when it idles. */
class HeadBinder {
  readonly #jobs = new Map<number, Job>();
  #worker: Worker | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #nextId = 1;

  bind(
    request: Omit<BindRequest, 'id' | 'type'>,
    onProgress?: OnBindProgress,
    signal?: AbortSignal,
  ): Promise<BindResult> {
    const id = this.#nextId++;
    return new Promise<BindResult>((resolve, reject) => {
      signal?.throwIfAborted();
      const worker = this.#start();
      const abort = (): void => {
        this.#post(worker, { type: 'abort', id });
        this.#end(id)?.reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      const done = (): void => signal?.removeEventListener('abort', abort);
      this.#jobs.set(id, {
        resolve: (result) => {
          done();
          resolve(result);
        },
        reject: (error) => {
          done();
          reject(error);
        },
        onProgress,
      });
      this.#post(worker, { ...request, type: 'bind', id });
    });
  }

  #start(): Worker {
    clearTimeout(this.#idle);
    if (this.#worker) return this.#worker;
    // Bundlers recognise exactly this form.
    const worker = new Worker(new URL('./bind-worker.js', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<BinderReply>) => this.#receive(data);
    worker.onerror = (event) => {
      this.#stop();
      const message = `the worker that binds heads failed: ${event.message || 'its script did not load'}; reload the page`;
      for (const id of [...this.#jobs.keys()])
        this.#end(id)?.reject(new ParleyError('binding-failed', message));
    };
    this.#worker = worker;
    return worker;
  }

  #stop(): void {
    clearTimeout(this.#idle);
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #receive(reply: BinderReply): void {
    if (reply.type === 'progress') {
      this.#jobs.get(reply.id)?.onProgress?.(reply.step, reply.done);
      return;
    }
    const job = this.#end(reply.id);
    if (reply.type === 'bound') job?.resolve(reply.result);
    else if (reply.face) job?.reject(new UnsureFaceError(reply.code, reply.message, reply.face));
    else job?.reject(new ParleyError(reply.code, reply.message));
  }

  #end(id: number): Job | undefined {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    if (this.#jobs.size === 0) {
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#stop(), IDLE_MS);
    }
    return job;
  }

  #post(worker: Worker, request: BinderRequest): void {
    worker.postMessage(request);
  }
}

let binder: HeadBinder | undefined;

/** True where heads can be bound: in a browser. */
export const canBind = typeof Worker !== 'undefined';

/** Has a head bound (or its rig prepared) in the page's worker for that. */
export function bindInWorker(
  request: Omit<BindRequest, 'id' | 'type'>,
  onProgress?: OnBindProgress,
  signal?: AbortSignal,
): Promise<BindResult> {
  binder ??= new HeadBinder();
  return binder.bind(request, onProgress, signal);
}
