import { SPEECH_RATE_HZ } from '@parley/sdk';
import { createWasmOpusDecoder } from './wasm-opus-decoder.ts';
import { createWebCodecsOpusDecoder } from './web-codecs-opus-decoder.ts';

/** Receives decoded speech: mono, 24 kHz, placed by sample index. The array is the receiver's to keep. */
export type SamplesSink = (startSample: number, pcm: Float32Array) => void;

/** Decodes the audio frames of one utterance, in order. */
export interface SpeechDecoder {
  /** @param startSample - Index of the frame's first sample within the utterance. */
  decode(startSample: number, frame: Uint8Array): void;
  /** Frees the decoder; what is under way is dropped. */
  close(): void;
}

/**
 * Delay of the Opus codec: 6.5 ms at any rate (RFC 6716, section 2: 2.5 ms look-ahead and 4 ms of delay compensation),
 * so decoded sound is placed that much earlier and lips and voice meet.
 */
export const OPUS_DELAY_SAMPLES = (SPEECH_RATE_HZ * 6.5) / 1000;

/** How speech is decoded. `auto` takes the browser's own decoder where it has one for Opus, else WebAssembly. */
export type OpusBackend = 'auto' | 'webcodecs' | 'wasm';

/** The decoder for an utterance's codec. */
export function createSpeechDecoder(
  codec: 'opus' | 'pcm16',
  sink: SamplesSink,
  backend: 'webcodecs' | 'wasm',
): SpeechDecoder {
  if (codec === 'pcm16') return createPcmDecoder(sink);
  const placed: SamplesSink = (startSample, pcm) => {
    const start = startSample - OPUS_DELAY_SAMPLES;
    if (start >= 0) sink(start, pcm);
    else sink(0, pcm.slice(-start));
  };
  return backend === 'webcodecs' ? createWebCodecsOpusDecoder(placed) : createWasmOpusDecoder(placed);
}

/** Finds out once whether the browser decodes Opus by WebCodecs. */
export async function chooseOpusBackend(wanted: OpusBackend = 'auto'): Promise<'webcodecs' | 'wasm'> {
  if (wanted !== 'auto') return wanted;
  if (typeof AudioDecoder === 'undefined') return 'wasm';
  try {
    const config = { codec: 'opus', sampleRate: SPEECH_RATE_HZ, numberOfChannels: 1 };
    return (await AudioDecoder.isConfigSupported(config)).supported ? 'webcodecs' : 'wasm';
  } catch {
    return 'wasm';
  }
}

function createPcmDecoder(sink: SamplesSink): SpeechDecoder {
  return {
    decode(startSample, frame) {
      const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
      const pcm = new Float32Array(frame.byteLength >> 1);
      for (let i = 0; i < pcm.length; i++) pcm[i] = view.getInt16(i * 2, true) / 32768;
      sink(startSample, pcm);
    },
    close() {},
  };
}
