import { ParleyError } from '@parley/sdk';
import type { EngineInfo } from '../engines/contracts.ts';

export type EngineKind = EngineInfo['kind'];

/** How long an engine may stay silent while it has work, ms. */
export interface Patience {
  /** Until its first part. */
  readonly firstMs: number;
  /** Between parts. */
  readonly nextMs: number;
}

/** The patience with each engine. */
export type Timeouts = Readonly<Record<Exclude<EngineKind, 'vad' | 'embed' | 'rerank'>, Patience>>;

export const TIMEOUT_DEFAULTS: Timeouts = {
  asr: { firstMs: 15_000, nextMs: 10_000 },
  llm: { firstMs: 20_000, nextMs: 10_000 },
  tts: { firstMs: 15_000, nextMs: 15_000 },
  face: { firstMs: 10_000, nextMs: 10_000 },
};

/**
 * Patience is counted in parts: from when the engine got its work, not from when it was asked for, and a process that stood still itself
 * counts as one part, however long it was.
 */
const PATIENCE_TICKS = 10;

/** An engine threw (`engine-failed`) or hangs (`engine-timeout`). */
export class EngineError extends ParleyError {
  readonly engine: EngineKind;

  constructor(
    code: 'engine-failed' | 'engine-timeout',
    engine: EngineKind,
    message: string,
    cause?: unknown,
  ) {
    super(code, message, cause);
    this.name = 'EngineError';
    this.engine = engine;
  }
}

export interface WatchOptions {
  readonly engine: EngineKind;
  readonly patience: Patience;
  /** Whether the engine has work; while it merely waits for input its silence is no fault. Default: always. */
  readonly isBusy?: () => boolean;
}

/**
 * Iterates an engine's stream and gives up when a part does not come in time or `signal` aborts, whether or not the
 * engine itself listens to its signal: a hanging endpoint never holds a turn.
 *
 * @throws {EngineError} when the engine throws or hangs.
 * @throws `signal.reason` once aborted.
 */
export async function* watch<T>(
  input: AsyncIterable<T>,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const iterator = input[Symbol.asyncIterator]();
  let waitMs = options.patience.firstMs;
  let running = true;
  try {
    for (;;) {
      const result = await nextWithin(iterator, options, waitMs, signal);
      if (result.done) {
        running = false;
        return;
      }
      waitMs = options.patience.nextMs;
      yield result.value;
    }
  } finally {
    // Not awaited: a generator that hangs inside an await would never return.
    if (running) Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

function nextWithin<T>(
  iterator: AsyncIterator<T>,
  options: WatchOptions,
  waitMs: number,
  signal: AbortSignal,
): Promise<IteratorResult<T>> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    let timer: NodeJS.Timeout;
    let ticksLeft = PATIENCE_TICKS;
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      settle();
      reject(signal.reason);
    };
    const arm = () => {
      timer = setTimeout(() => {
        ticksLeft = options.isBusy && !options.isBusy() ? PATIENCE_TICKS : ticksLeft - 1;
        if (ticksLeft > 0) {
          arm();
          return;
        }
        settle();
        reject(hangs(options.engine, waitMs));
      }, waitMs / PATIENCE_TICKS);
    };
    arm();
    signal.addEventListener('abort', onAbort, { once: true });
    iterator.next().then(
      (result) => {
        settle();
        resolve(result);
      },
      (error) => {
        settle();
        reject(signal.aborted ? signal.reason : failed(options.engine, error));
      },
    );
  });
}

function hangs(engine: EngineKind, waitMs: number): EngineError {
  return new EngineError(
    'engine-timeout',
    engine,
    `The ${engine} engine gave nothing for ${waitMs / 1000} s; see that its process or endpoint is alive (parley doctor).`,
  );
}

function failed(engine: EngineKind, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new EngineError('engine-failed', engine, `The ${engine} engine failed: ${reason}`, error);
}
