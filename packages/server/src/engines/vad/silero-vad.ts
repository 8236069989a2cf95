import * as ort from 'onnxruntime-node';
import type { Vad, VadFrame } from '../contracts.ts';
import { openOnnxSession } from '../onnx-session.ts';

const WINDOW_SAMPLES = 512;
/** The model hears the end of the window before; without it the probabilities stay low. */
const CONTEXT_SAMPLES = 64;
const STATE_SHAPE = [2, 1, 128];
const STATE_SIZE = 256;

/**
 * Silero VAD on the CPU: speech probability of each 32 ms window of a 16 kHz stream.
 * Source: https://github.com/snakers4/silero-vad (MIT).
 */
export class SileroVad implements Vad {
  readonly #session: ort.InferenceSession;
  readonly #rate = new ort.Tensor('int64', [16000n], []);

  private constructor(session: ort.InferenceSession) {
    this.#session = session;
  }

  static async load(modelPath: string): Promise<SileroVad> {
    const { session } = await openOnnxSession(modelPath, { device: 'cpu', threads: 1 });
    return new SileroVad(session);
  }

  async *detect(input: AsyncIterable<Float32Array>, signal: AbortSignal): AsyncGenerator<VadFrame> {
    const window = new Float32Array(CONTEXT_SAMPLES + WINDOW_SAMPLES);
    let state = new ort.Tensor('float32', new Float32Array(STATE_SIZE), STATE_SHAPE);
    let filled = 0;
    let startSample = 0;
    for await (const chunk of input) {
      for (let from = 0; from < chunk.length; ) {
        const take = Math.min(WINDOW_SAMPLES - filled, chunk.length - from);
        window.set(chunk.subarray(from, from + take), CONTEXT_SAMPLES + filled);
        from += take;
        filled += take;
        if (filled < WINDOW_SAMPLES) break;
        signal.throwIfAborted();
        const result = await this.#session.run({
          input: new ort.Tensor('float32', window, [1, window.length]),
          state,
          sr: this.#rate,
        });
        state = result.stateN as ort.TypedTensor<'float32'>;
        yield { startSample, probability: result.output!.data[0] as number };
        window.copyWithin(0, WINDOW_SAMPLES);
        startSample += WINDOW_SAMPLES;
        filled = 0;
      }
    }
    signal.throwIfAborted();
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
