/**
 * Milliseconds of a clock that does not jump where the platform has one (`performance.now()`, in browsers and Node),
 * else the wall clock's. Only differences mean anything.
 */
export function monotonicMs(): number {
  return platform.performance?.now() ?? Date.now();
}

const platform = globalThis as { performance?: { now(): number } };
