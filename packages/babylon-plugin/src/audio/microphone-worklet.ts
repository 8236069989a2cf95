// As in player-worklet.ts: the function's text runs in the audio thread and refers to nothing outside itself.

declare const sampleRate: number;
declare const currentFrame: number;
declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };
declare function registerProcessor(name: string, processor: unknown): void;

/** Name under which the microphone's processor registers. */
export const MICROPHONE_PROCESSOR = 'parley-microphone';

/** One frame of the microphone: 20 ms at 16 kHz. */
export interface MicrophoneFrame {
  /** Index of the first sample on the 16 kHz clock that began with the audio context. */
  readonly startSample: number;
  /** 320 samples, -1 to 1. */
  readonly pcm: Float32Array<ArrayBuffer>;
}

/** Registers the processor that brings the microphone to 16 kHz through a windowed-sinc low-pass. */
export function microphoneWorklet(): void {
  const rateHz = 16000;
  const frameSamples = 320;
  const phases = 64;
  const step = sampleRate / rateHz;
  /** Half the filter's length in context samples: 12 zero crossings of the lower rate. */
  const half = Math.ceil(12 * Math.max(1, step));
  const taps = 2 * half;
  const ringSize = 4096;
  const mask = ringSize - 1;

  const filter = new Float32Array((phases + 1) * taps);
  const cutoff = 0.46 * Math.min(1, 1 / step);
  for (let phase = 0; phase <= phases; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const x = tap - half + 1 - phase / phases;
      const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
      const t = Math.PI * (x / half);
      const window = Math.abs(x) >= half ? 0 : 0.42 + 0.5 * Math.cos(t) + 0.08 * Math.cos(2 * t);
      filter[phase * taps + tap] = sinc * window;
      sum += sinc * window;
    }
    for (let tap = 0; tap < taps; tap++) filter[phase * taps + tap] /= sum;
  }

  class Microphone extends AudioWorkletProcessor {
    declare run: (input: Float32Array | undefined) => boolean;

    constructor() {
      super();
      const port = this.port;
      const ring = new Float32Array(ringSize);
      let open = true;
      let frame = new Float32Array(frameSamples);
      let count = 0;
      /** Context frame of the next output sample, fractional; -1 until the first input. */
      let position = -1;
      let startSample = 0;

      port.onmessage = (): void => {
        open = false;
      };

      const push = (sample: number): void => {
        frame[count++] = sample;
        if (count < frameSamples) return;
        port.postMessage({ startSample, pcm: frame }, [frame.buffer]);
        frame = new Float32Array(frameSamples);
        startSample += frameSamples;
        count = 0;
      };

      this.run = (input) => {
        if (!input) return open;
        if (position < 0) {
          position = currentFrame;
          startSample = Math.round(currentFrame / step);
        }
        for (let i = 0; i < input.length; i++) ring[(currentFrame + i) & mask] = input[i];
        const end = currentFrame + input.length;
        if (step === 1) {
          for (; position < end; position++) push(ring[position & mask]);
          return open;
        }
        for (; position + half < end; position += step) {
          const whole = Math.floor(position);
          const phase = (position - whole) * phases;
          const row = Math.floor(phase);
          const t = phase - row;
          const a = row * taps;
          let sum = 0;
          for (let tap = 0; tap < taps; tap++) {
            const weight = filter[a + tap] + (filter[a + taps + tap] - filter[a + tap]) * t;
            sum += weight * ring[(whole + tap - half + 1) & mask];
          }
          push(sum);
        }
        return open;
      };
    }

    process(inputs: Float32Array[][]): boolean {
      return this.run(inputs[0]?.[0]);
    }
  }

  registerProcessor('parley-microphone', Microphone);
}
