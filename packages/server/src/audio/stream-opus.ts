import { Decoder } from '@evan/opus';
import type { AudioChunk } from '../engines/contracts.ts';

/** The rate that Opus always decodes at, Hz. */
const RATE_HZ = 48_000;
const PCM16 = 32_768;

/** Whether a file of any container (Ogg, WebM, Matroska, MP4, QuickTime) has Opus as its first sound. */
export async function holdsOpus(path: string): Promise<boolean> {
  const { ALL_FORMATS, FilePathSource, Input } = await import('mediabunny');
  const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  try {
    return (await input.canRead()) && (await input.getPrimaryAudioTrack())?.codec === 'opus';
  } catch {
    // It is damaged, or not what its first bytes say: whoever reads it next says how.
    return false;
  } finally {
    input.dispose();
  }
}

/**
 * Opus in a file that {@link holdsOpus}, its priming samples cut off.
 * @param onProgress Told which part of the sound is read, 0 to 1.
 * @throws Error that says what is wrong with the file.
 */
export async function* streamOpus(
  path: string,
  onProgress: (part: number) => void,
): AsyncGenerator<AudioChunk> {
  const { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } = await import('mediabunny');
  const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  try {
    const track = await input.getPrimaryAudioTrack();
    if (track?.codec !== 'opus') throw new Error('it holds no Opus sound');
    const end = await track.computeDuration();
    const decoder = new Decoder({ channels: 1, sample_rate: RATE_HZ });
    let decodedSamples = 0;
    let skip = primingSamples((await track.getDecoderConfig())?.description);
    const sink = new EncodedPacketSink(track);
    for await (const packet of sink.packets()) {
      const bytes = decoder.decode(packet.data).slice();
      const decoded = new Int16Array(bytes.buffer, 0, bytes.length >> 1);
      const from = Math.min(skip, decoded.length);
      skip -= from;
      decodedSamples += decoded.length - from;
      if (from < decoded.length)
        yield { pcm: Float32Array.from(decoded.subarray(from), (s) => s / PCM16), rateHz: RATE_HZ };
      if (end > 0) onProgress(Math.min(1, decodedSamples / RATE_HZ / end));
    }
  } finally {
    input.dispose();
  }
}

/** The pre-skip of an OpusHead (RFC 7845, section 5.1). */
function primingSamples(description: ArrayBufferView | ArrayBufferLike | undefined): number {
  if (!description) return 0;
  const head = ArrayBuffer.isView(description)
    ? new DataView(description.buffer, description.byteOffset, description.byteLength)
    : new DataView(description);
  return head.byteLength >= 12 ? head.getUint16(10, true) : 0;
}
