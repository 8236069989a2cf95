import { SPEECH_RATE_HZ } from '@parley/sdk';
import { createWasmOpusDecoder } from './wasm-opus-decoder.ts';
import { createWebCodecsOpusDecoder } from './web-codecs-opus-decoder.ts';

/** Receives decoded speech: mono, 24 kHz, placed by sample index. The array is the receiver's to keep. */
export type SamplesSink = (startSample: number, pcm: Float32Array) => void;

/**
 * Decodes the audio frames of one utterance, in order. The room takes Opus' delay out when it encodes, so frame k sounds
 * exactly at sample 480·k.
 */
export interface SpeechDecoder {
  /** @param startSample - Index of the frame's first sample within the utterance. */
  decode(startSample: number, frame: Uint8Array): void;
  /** Frees the decoder; what is under way is dropped. */
  close(): void;
}

/** How speech is decoded. `auto` takes the browser's own decoder where it has one for Opus, else WebAssembly. */
export type OpusBackend = 'auto' | 'webcodecs' | 'wasm';

/** The decoder for an utterance's codec. */
export function createSpeechDecoder(
  codec: 'opus' | 'pcm16',
  sink: SamplesSink,
  backend: 'webcodecs' | 'wasm',
): SpeechDecoder {
  if (codec === 'pcm16') return createPcmDecoder(sink);
  return backend === 'webcodecs' ? createWebCodecsOpusDecoder(sink) : createWasmOpusDecoder(sink);
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
