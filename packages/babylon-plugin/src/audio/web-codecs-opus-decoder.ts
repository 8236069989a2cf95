import { SPEECH_RATE_HZ } from '@parley/sdk';
import { HalfBand } from './half-band.ts';
import type { SamplesSink, SpeechDecoder } from './speech-decoder.ts';
import { createWasmOpusDecoder } from './wasm-opus-decoder.ts';

const MICROSECONDS_PER_SAMPLE = 1_000_000 / SPEECH_RATE_HZ;

/** Decodes Opus with the browser's own decoder; should that fail, WebAssembly takes over. */
export function createWebCodecsOpusDecoder(sink: SamplesSink): SpeechDecoder {
  let closed = false;
  let fallback: SpeechDecoder | undefined;
  /** Browsers decode Opus at 48 kHz, whatever rate is asked for. */
  let halfBand: HalfBand | undefined;

  const decoder = new AudioDecoder({
    output(data) {
      const pcm = new Float32Array(data.numberOfFrames);
      data.copyTo(pcm, { planeIndex: 0, format: 'f32-planar' });
      const startSample = Math.round(data.timestamp / MICROSECONDS_PER_SAMPLE);
      const rateHz = data.sampleRate;
      data.close();
      if (closed) return;
      if (rateHz === SPEECH_RATE_HZ) {
        sink(startSample, pcm);
        return;
      }
      halfBand ??= new HalfBand();
      sink(Math.max(0, startSample - Math.round(HalfBand.delaySamples / 2)), halfBand.process(pcm));
    },
    error() {
      fallback ??= createWasmOpusDecoder(sink);
    },
  });
  decoder.configure({ codec: 'opus', sampleRate: SPEECH_RATE_HZ, numberOfChannels: 1 });

  return {
    decode(startSample, frame) {
      if (fallback) {
        fallback.decode(startSample, frame);
        return;
      }
      decoder.decode(
        new EncodedAudioChunk({
          type: 'key',
          timestamp: Math.round(startSample * MICROSECONDS_PER_SAMPLE),
          data: frame,
        }),
      );
    },
    close() {
      closed = true;
      fallback?.close();
      if (decoder.state !== 'closed') decoder.close();
    },
  };
}
