/** A port whose messages arrive at once. */
class Port {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly sent: unknown[] = [];
  postMessage(data: unknown): void {
    this.sent.push(data);
  }
}

interface Processor {
  readonly port: Port;
  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}

const QUANTUM = 128;

/** An audio thread in Node: runs a worklet's processor quantum by quantum, on a clock of its own. */
export class AudioThread<Message, Report> {
  readonly rateHz: number;
  #processor: Processor;
  #frame = 0;

  /** @param worklet - As given to `addWorklet`. */
  constructor(worklet: () => void, rateHz: number) {
    this.rateHz = rateHz;
    let created: (new () => Processor) | undefined;
    Object.assign(globalThis, {
      sampleRate: rateHz,
      AudioWorkletProcessor: class {
        readonly port = new Port();
      },
      registerProcessor: (_name: string, processor: new () => Processor) => {
        created = processor;
      },
    });
    this.#tick();
    worklet();
    this.#processor = new created!();
  }

  get timeSeconds(): number {
    return this.#frame / this.rateHz;
  }

  /** Messages that the processor has posted. */
  get reports(): Report[] {
    return this.#processor.port.sent as Report[];
  }

  post(message: Message): void {
    this.#processor.port.onmessage?.({ data: message });
  }

  /** Runs the processor for a while; returns what it put out. */
  run(seconds: number, input?: (frame: number) => number): Float32Array {
    const quanta = Math.round((seconds * this.rateHz) / QUANTUM);
    const sound = new Float32Array(quanta * QUANTUM);
    for (let quantum = 0; quantum < quanta; quantum++) {
      const inputs = input
        ? [[Float32Array.from({ length: QUANTUM }, (_, i) => input(this.#frame + i))]]
        : [[]];
      const out = new Float32Array(QUANTUM);
      this.#processor.process(inputs, [[out]]);
      sound.set(out, quantum * QUANTUM);
      this.#frame += QUANTUM;
      this.#tick();
    }
    return sound;
  }

  #tick(): void {
    Object.assign(globalThis, { currentFrame: this.#frame, currentTime: this.#frame / this.rateHz });
  }
}
