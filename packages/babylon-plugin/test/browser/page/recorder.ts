import { addWorklet } from '../../../src/audio/worklet-module.ts';

declare const currentFrame: number;
declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };
declare function registerProcessor(name: string, processor: unknown): void;

function recorderWorklet(): void {
  class Recorder extends AudioWorkletProcessor {
    process(inputs: Float32Array[][]): boolean {
      const input = inputs[0]?.[0];
      if (input) this.port.postMessage({ frame: currentFrame, sound: input.slice() });
      return true;
    }
  }
  registerProcessor('test-recorder', Recorder);
}

/** Records a node with the audio clock's own frame numbers. */
export class Recorder {
  readonly node: AudioWorkletNode;
  readonly #quanta: { frame: number; sound: Float32Array }[] = [];

  private constructor(node: AudioWorkletNode) {
    this.node = node;
    node.port.onmessage = ({ data }) => this.#quanta.push(data);
  }

  static async create(context: AudioContext): Promise<Recorder> {
    await addWorklet(context, recorderWorklet);
    const node = new AudioWorkletNode(context, 'test-recorder', { numberOfOutputs: 1 });
    node.connect(context.destination);
    return new Recorder(node);
  }

  /** Times, in seconds of the context, of clicks: loudest samples above `limit`, at least 50 ms apart. */
  clickTimes(limit: number, rateHz: number): number[] {
    const times: { at: number; level: number }[] = [];
    for (const { frame, sound } of this.#quanta) {
      sound.forEach((sample, i) => {
        const level = Math.abs(sample);
        if (level < limit) return;
        const at = (frame + i) / rateHz;
        const last = times.at(-1);
        if (!last || at - last.at > 0.05) times.push({ at, level });
        else if (level > last.level) Object.assign(last, { at, level });
      });
    }
    return times.map(({ at }) => at);
  }
}
