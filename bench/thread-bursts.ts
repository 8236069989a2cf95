import { percentile } from './percentile.ts';

const INTERVAL_MS = 5;

/** How much CPU this thread used between two looks at the clock. */
export interface ThreadBursts {
  /** CPU time of one go, ms. */
  percentile(share: number): number;
  stop(): void;
}

/**
 * Watches the longest stretches of work on this thread by its own CPU time. Unlike the event loop's delay this does not
 * grow when other processes hold the processor.
 */
export function watchThreadBursts(): ThreadBursts {
  const bursts: number[] = [];
  let last = process.threadCpuUsage();
  const timer = setInterval(() => {
    const now = process.threadCpuUsage();
    bursts.push((now.user + now.system - last.user - last.system) / 1000);
    last = now;
  }, INTERVAL_MS);
  return { percentile: (share) => percentile(bursts, share), stop: () => clearInterval(timer) };
}
