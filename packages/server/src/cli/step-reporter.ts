import { SingleBar } from 'cli-progress';

/** Shows to a person how far a piece of work is. */
export interface StepReporter {
  /** @param part 0 to 1. */
  show(step: string, part: number): void;
  /** Ends the bar; may be called twice. */
  close(): void;
}

/** Plain lines say how far a step is this often. */
const LINE_INTERVAL_MS = 10_000;
const STEPS = 1000;

/**
 * A bar on a terminal, plain lines elsewhere (none for what is done within ten seconds).
 * @param output For instance `process.stderr`.
 */
export function createStepReporter(output: NodeJS.WriteStream): StepReporter {
  return output.isTTY ? createBar(output) : createLines(output);
}

function createLines(output: NodeJS.WriteStream): StepReporter {
  let shownMs = performance.now();
  return {
    show(step, part) {
      if (performance.now() - shownMs < LINE_INTERVAL_MS) return;
      shownMs = performance.now();
      output.write(`${step}: ${Math.round(part * 100)} %\n`);
    },
    close() {},
  };
}

function createBar(output: NodeJS.WriteStream): StepReporter {
  const bar = new SingleBar({
    stream: output,
    format: '{step} {bar} {percentage} %',
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    fps: 8,
  });
  let started = false;
  return {
    show(step, part) {
      if (!started) bar.start(STEPS, 0, { step });
      started = true;
      bar.update(Math.round(part * STEPS), { step: step.padEnd(9) });
    },
    close() {
      if (started) bar.stop();
      started = false;
    },
  };
}
