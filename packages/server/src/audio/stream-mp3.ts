import type { AudioChunk } from '../engines/contracts.ts';
import { mixChannels } from './mix-channels.ts';

/**
 * MPEG audio (layers I to III) with mpg123 in WebAssembly; encoder delay is cut where the file states it.
 * @param pieces The file in order, cut anywhere.
 * @throws Error that says what is wrong with the file.
 */
export async function* streamMp3(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<AudioChunk> {
  const { MPEGDecoder } = await import('mpg123-decoder');
  const decoder = new MPEGDecoder();
  await decoder.ready;
  let samples = 0;
  try {
    for await (const piece of pieces) {
      const { channelData, sampleRate, samplesDecoded } = decoder.decode(piece);
      if (samplesDecoded === 0) continue;
      samples += samplesDecoded;
      yield { pcm: mixChannels(channelData), rateHz: sampleRate };
    }
  } finally {
    decoder.free();
  }
  if (samples === 0) throw new Error('it has no frame');
}
