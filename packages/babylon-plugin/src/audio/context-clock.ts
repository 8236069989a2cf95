/** How fast the estimate follows the measured clock. */
const FOLLOW = 0.02;
/** A difference larger than this (a suspended context, a new output device) is followed at once. */
const JUMP_SECONDS = 0.08;
/** Assumed where the browser tells no latency at all. */
const UNKNOWN_LATENCY_SECONDS = 0.02;

/**
 * The audio context's clock, read smoothly: `currentTime` advances in steps of the device's buffer, up to tens of
 * milliseconds. Call {@link update} once a frame.
 */
export class ContextClock {
  readonly #context: BaseAudioContext &
    Partial<Pick<AudioContext, 'outputLatency' | 'baseLatency' | 'getOutputTimestamp'>>;
  #offsetSeconds = Number.NaN;

  constructor(context: AudioContext) {
    this.#context = context;
  }

  /** False while the context is suspended: its clock stands. */
  get running(): boolean {
    return this.#context.state === 'running';
  }

  /** Time from the audio graph's output to the ear, as far as the browser knows it. */
  get outputLatencySeconds(): number {
    const { outputLatency, baseLatency } = this.#context;
    if (outputLatency !== undefined && outputLatency > 0) return outputLatency;
    return baseLatency !== undefined && baseLatency > 0 ? baseLatency : UNKNOWN_LATENCY_SECONDS;
  }

  /** @param localMs - `performance.now()`. */
  update(localMs: number): void {
    const measured = this.#context.currentTime - localMs / 1000;
    const error = measured - this.#offsetSeconds;
    if (!this.running || !(Math.abs(error) < JUMP_SECONDS)) this.#offsetSeconds = measured;
    else this.#offsetSeconds += error * FOLLOW;
  }

  /** The context's time, in seconds, at a moment of `performance.now()`. */
  timeAt(localMs: number): number {
    return localMs / 1000 + this.#offsetSeconds;
  }

  /** The context's time of what is heard at `localMs`, in seconds. */
  audibleTimeAt(localMs: number): number {
    return this.timeAt(localMs) - this.outputLatencySeconds;
  }

  /**
   * The same as the browser's own output clock tells it, to check {@link audibleTimeAt} by.
   *
   * @returns NaN where the browser does not tell it.
   */
  reportedAudibleTimeAt(localMs: number): number {
    const stamp = this.#context.getOutputTimestamp?.();
    if (!stamp?.contextTime || !stamp.performanceTime) return Number.NaN;
    return stamp.contextTime + (localMs - stamp.performanceTime) / 1000;
  }
}
