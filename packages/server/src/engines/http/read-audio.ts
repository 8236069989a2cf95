import { ParleyError } from '@parley/sdk';

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
const LONGEST_HEADER_BYTES = 65_536;

interface SampleFormat {
  readonly rateHz: number;
  readonly channels: number;
  readonly bytesPerSample: number;
  readonly isFloat: boolean;
}

/**
 * Reads audio that arrives in pieces: a WAV file (16-bit or float, channels are averaged), or raw 16-bit mono PCM when
 * it does not begin with `RIFF`.
 * @param rawRateHz Rate of raw PCM.
 * @throws ParleyError `endpoint-malformed` for a WAV that cannot be read.
 */
export async function* readAudio(
  body: AsyncIterable<Uint8Array>,
  rawRateHz: number,
): AsyncGenerator<{ readonly pcm: Float32Array; readonly rateHz: number }> {
  let pending: Uint8Array = new Uint8Array(0);
  let format: SampleFormat | null = null;
  for await (const bytes of body) {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    if (!format) {
      const header = readHeader(pending, rawRateHz);
      if (!header) continue;
      format = header.format;
      pending = pending.subarray(header.sizeBytes);
    }
    const frameBytes = format.channels * format.bytesPerSample;
    const frames = Math.floor(pending.length / frameBytes);
    if (frames === 0) continue;
    yield { pcm: readFrames(pending, frames, format), rateHz: format.rateHz };
    pending = pending.subarray(frames * frameBytes);
  }
  if (!format && pending.length > 0) throw malformed('it ends within its header');
}

/** Null while the header is incomplete. The sizes it states are ignored: streams do not know theirs. */
function readHeader(
  bytes: Uint8Array,
  rawRateHz: number,
): { format: SampleFormat; sizeBytes: number } | null {
  if (bytes.length < 4) return null;
  const name = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (name(0) !== 'RIFF') {
    return { format: { rateHz: rawRateHz, channels: 1, bytesPerSample: 2, isFloat: false }, sizeBytes: 0 };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let format: SampleFormat | null = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const sizeBytes = view.getUint32(at + 4, true);
    if (name(at) === 'data') {
      if (!format) throw malformed('it has no format');
      return { format, sizeBytes: at + 8 };
    }
    if (name(at) === 'fmt ' && at + 24 <= bytes.length) {
      const kind = view.getUint16(at + 8, true);
      const bits = view.getUint16(at + 22, true);
      format = {
        rateHz: view.getUint32(at + 12, true),
        channels: view.getUint16(at + 10, true),
        bytesPerSample: bits / 8,
        isFloat: kind === FLOAT || (kind === EXTENSIBLE && bits === 32),
      };
      const isKnown = kind === PCM || kind === FLOAT || kind === EXTENSIBLE;
      if (!isKnown || bits !== (format.isFloat ? 32 : 16) || format.channels < 1 || format.rateHz < 1) {
        throw malformed(`format ${kind} of ${bits} bits is neither 16-bit PCM nor 32-bit float`);
      }
    }
    at += 8 + sizeBytes + (sizeBytes % 2);
  }
  if (bytes.length > LONGEST_HEADER_BYTES) throw malformed('it has no data chunk');
  return null;
}

function readFrames(bytes: Uint8Array, frames: number, format: SampleFormat): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { channels, bytesPerSample, isFloat } = format;
  const pcm = new Float32Array(frames);
  for (let i = 0; i < frames; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      const at = (i * channels + channel) * bytesPerSample;
      sum += isFloat ? view.getFloat32(at, true) : view.getInt16(at, true) / 32_768;
    }
    pcm[i] = sum / channels;
  }
  return pcm;
}

function malformed(why: string): ParleyError {
  return new ParleyError(
    'endpoint-malformed',
    `The endpoint's audio is no WAV file that can be read: ${why}.`,
  );
}
