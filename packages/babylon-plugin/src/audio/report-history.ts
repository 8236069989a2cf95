import type { PlayerReport } from './player-worklet.ts';

/** Reports that are kept: at 21 ms each, more than any output latency. */
const CAPACITY = 64;

/** The latest reports of the player, to tell which sample was played at a time shortly past. */
export class ReportHistory {
  readonly #reports: (PlayerReport | undefined)[] = new Array(CAPACITY).fill(undefined);
  #count = 0;

  add(report: PlayerReport): void {
    this.#reports[this.#count++ % CAPACITY] = report;
  }

  /** The report in force at a time of the audio context: the last one that is not later. Allocates nothing. */
  at(contextTime: number): PlayerReport | undefined {
    const oldest = Math.max(0, this.#count - CAPACITY);
    for (let i = this.#count - 1; i >= oldest; i--) {
      const report = this.#reports[i % CAPACITY]!;
      if (report.contextTime <= contextTime) return report;
    }
    return undefined;
  }

  /** The newest report. */
  get newest(): PlayerReport | undefined {
    return this.#count > 0 ? this.#reports[(this.#count - 1) % CAPACITY] : undefined;
  }

  clear(): void {
    this.#reports.fill(undefined);
    this.#count = 0;
  }
}

/** The sample that is played at a time of the audio context, going on from a report. */
export function sampleAt(report: PlayerReport, contextTime: number): number {
  return report.sample + (contextTime - report.contextTime) * report.samplesPerSecond;
}
