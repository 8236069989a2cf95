import type { AudioChunk } from '../engines/contracts.ts';
import { mixChannels } from './mix-channels.ts';

/**
 * Ogg Vorbis with libvorbis in WebAssembly.
 * @param pieces The file in order, cut anywhere.
 * @throws Error that says what is wrong with the file.
 */
export async function* streamVorbis(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<AudioChunk> {
  const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  let samples = 0;
  try {
    for await (const piece of pieces) {
      const { channelData, sampleRate, samplesDecoded } = await decoder.decode(piece);
      if (samplesDecoded === 0) continue;
      samples += samplesDecoded;
      yield { pcm: mixChannels(channelData), rateHz: sampleRate };
    }
    const { channelData, sampleRate, samplesDecoded } = await decoder.flush();
    samples += samplesDecoded;
    if (samplesDecoded > 0) yield { pcm: mixChannels(channelData), rateHz: sampleRate };
  } finally {
    decoder.free();
  }
  if (samples === 0) throw new Error('it has no Vorbis packet');
}
