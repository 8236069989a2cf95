import { SPEECH_RATE_HZ } from '@parley/sdk';
import type { OpusDecoder } from 'opus-decoder';
import type { SamplesSink, SpeechDecoder } from './speech-decoder.ts';

/** Decodes Opus with libopus in WebAssembly, for browsers without WebCodecs. Loaded when first used. */
export function createWasmOpusDecoder(sink: SamplesSink): SpeechDecoder {
  let decoder: OpusDecoder<typeof SPEECH_RATE_HZ> | undefined;
  let closed = false;
  let waiting: { startSample: number; frame: Uint8Array }[] = [];

  const decode = (startSample: number, frame: Uint8Array): void => {
    const { channelData, samplesDecoded } = decoder!.decodeFrame(frame);
    if (samplesDecoded > 0) sink(startSample, channelData[0].slice(0, samplesDecoded));
  };

  const load = async (): Promise<void> => {
    const { OpusDecoder } = await import('opus-decoder');
    const loaded = new OpusDecoder({ sampleRate: SPEECH_RATE_HZ, channels: 1 });
    await loaded.ready;
    if (closed) {
      loaded.free();
      return;
    }
    decoder = loaded;
    for (const { startSample, frame } of waiting) decode(startSample, frame);
    waiting = [];
  };
  void load();

  return {
    decode(startSample, frame) {
      if (closed) return;
      if (decoder) decode(startSample, frame);
      else waiting.push({ startSample, frame });
    },
    close() {
      closed = true;
      waiting = [];
      decoder?.free();
      decoder = undefined;
    },
  };
}
