import { MultiBar, type SingleBar } from 'cli-progress';
import { formatBytes } from '../weights/format-bytes.ts';
import type { FetchProgress } from '../weights/index.ts';

/** Shows a fetch to a person. */
export interface FetchReporter {
  readonly show: (progress: FetchProgress) => void;
  /** Ends the bars; may be called twice. */
  close(): void;
}

/** Plain lines say how far a file is this often. */
const LINE_INTERVAL_MS = 10_000;

/**
 * Bars on a terminal, plain lines elsewhere, nothing without an output.
 * @param output For instance `process.stdout`.
 */
export function createFetchReporter(output: NodeJS.WriteStream | undefined): FetchReporter {
  if (!output) return { show: () => {}, close: () => {} };
  return output.isTTY ? createBars(output) : createLines(output);
}

function createLines(output: NodeJS.WriteStream): FetchReporter {
  const last = new Map<string, { step: string; shownMs: number; startMs: number }>();
  return {
    show(progress) {
      const { id } = progress.weight;
      const nowMs = performance.now();
      const step = `${progress.phase} ${progress.from}`;
      const seen = last.get(id);
      if (seen?.step === step && nowMs - seen.shownMs < LINE_INTERVAL_MS) return;
      last.set(id, { step, shownMs: nowMs, startMs: seen?.startMs ?? nowMs });
      const seconds = ((nowMs - (seen?.startMs ?? nowMs)) / 1000).toFixed(1);
      output.write(`${id}: ${describe(progress)}${progress.phase === 'done' ? ` in ${seconds} s` : ''}\n`);
    },
    close() {},
  };
}

function createBars(output: NodeJS.WriteStream): FetchReporter {
  const bars = new Map<string, SingleBar>();
  const multi = new MultiBar({
    stream: output,
    format: '{id} {bar} {text}',
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    autopadding: false,
    clearOnComplete: false,
    emptyOnZero: true,
    forceRedraw: true,
    fps: 8,
  });
  return {
    show(progress) {
      const { weight, phase, receivedBytes, totalBytes } = progress;
      if (phase === 'cached') return;
      const bar =
        bars.get(weight.id) ?? multi.create(weight.sizeBytes, 0, { id: weight.id.padEnd(24), text: '' });
      bars.set(weight.id, bar);
      // Without a known end the bar stays empty while the bytes count up.
      bar.update(totalBytes === undefined ? 0 : receivedBytes, { text: describe(progress) });
    },
    close() {
      multi.stop();
    },
  };
}

function describe({ phase, receivedBytes, totalBytes, from, weight }: FetchProgress): string {
  switch (phase) {
    case 'cached':
      return `${formatBytes(weight.sizeBytes)}, there already`;
    case 'waiting':
      return 'waiting: another process is fetching it';
    case 'downloading':
      return totalBytes === undefined
        ? `${formatBytes(receivedBytes)} from ${from}`
        : `${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)} from ${from}`;
    case 'unpacking':
      return `unpacking ${formatBytes(weight.sizeBytes)}`;
    case 'done':
      return `${formatBytes(weight.sizeBytes)} from ${from}`;
    case 'failed':
      return 'not fetched';
  }
}
