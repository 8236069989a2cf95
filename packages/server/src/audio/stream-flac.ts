import type { AudioChunk } from '../engines/contracts.ts';

const RATES_HZ = [0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
const SAMPLE_BITS = [0, 8, 12, 0, 16, 20, 24, 32];
/** Coefficients of the fixed predictors of order 0 to 4 (RFC 9639, section 9.2.5). */
const FIXED = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];
/** Fewer bytes after the last frame are padding. */
const SMALLEST_REST_BYTES = 3;

/**
 * FLAC of up to 24 bits (RFC 9639), one block (some thousand samples) after the other, mixed to one channel. Checksums are
 * not verified. Memory holds a piece and a frame, however long the sound.
 *
 * @param pieces The file in order, cut anywhere.
 * @throws Error that says what is wrong with the file.
 */
export async function* streamFlac(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<AudioChunk> {
  const bits = new BitReader();
  let info: StreamInfo | null = null;
  let samples = 0;
  for await (const piece of pieces) {
    bits.append(piece);
    for (;;) {
      const startByte = bits.bytePosition;
      let pcm: Float32Array | null = null;
      try {
        if (info) pcm = readFrame(bits, info);
        else info = readStreamInfo(bits);
      } catch (error) {
        if (!(error instanceof EndOfBytes)) throw error;
        // The rest comes with the next piece.
        bits.bytePosition = startByte;
        break;
      }
      if (!pcm) continue;
      samples += pcm.length;
      yield { pcm, rateHz: info.rateHz };
      if (samples === info.totalSamples) return;
    }
  }
  if (!info || bits.bytesLeft >= SMALLEST_REST_BYTES) throw new EndOfBytes();
}

interface StreamInfo {
  readonly rateHz: number;
  readonly channels: number;
  readonly sampleBits: number;
  /** 0 where it was not known. */
  readonly totalSamples: number;
}

/** The marker and all metadata blocks, up to the first frame. */
function readStreamInfo(bits: BitReader): StreamInfo {
  if (bits.unsigned(32) !== 0x664c6143) throw new Error('it does not begin with "fLaC"');
  let info: StreamInfo | null = null;
  for (let last = false; !last; ) {
    last = bits.unsigned(1) === 1;
    const type = bits.unsigned(7);
    const sizeBytes = bits.unsigned(24);
    const end = bits.bytePosition + sizeBytes;
    if (type === 0) {
      bits.skipBytes(10);
      const rateHz = bits.unsigned(20);
      const channels = bits.unsigned(3) + 1;
      const sampleBits = bits.unsigned(5) + 1;
      const totalSamples = bits.unsigned(4) * 2 ** 32 + bits.unsigned(32);
      info = { rateHz, channels, sampleBits, totalSamples };
    }
    bits.bytePosition = end;
  }
  if (!info || info.rateHz === 0) throw new Error('its stream information is missing');
  return info;
}

/** One frame, mixed to mono. */
function readFrame(bits: BitReader, info: StreamInfo): Float32Array {
  if (bits.unsigned(14) !== 0x3ffe) throw new Error('a frame does not begin where it should');
  bits.unsigned(2);
  const sizeCode = bits.unsigned(4);
  const rateCode = bits.unsigned(4);
  const channelCode = bits.unsigned(4);
  const sampleCode = bits.unsigned(3);
  bits.unsigned(1);
  skipCodedNumber(bits);
  const length = blockLength(sizeCode, bits);
  if (rateCode === 12) bits.unsigned(8);
  else if (rateCode === 13 || rateCode === 14) bits.unsigned(16);
  else if (rateCode >= RATES_HZ.length) throw new Error('a frame has an invalid rate');
  bits.unsigned(8);
  const sampleBits = SAMPLE_BITS[sampleCode] || info.sampleBits;
  const stereo = channelCode >= 8;
  const channels = Array.from({ length: stereo ? 2 : channelCode + 1 }, (_, channel) => {
    // The difference channel needs a bit more: it is the second of left/side and mid/side, the first of side/right.
    const side = stereo && (channelCode === 9 ? channel === 0 : channel === 1);
    return readSubframe(bits, length, sampleBits + (side ? 1 : 0));
  });
  bits.alignToByte();
  bits.skipBytes(2);
  return mix(channels, channelCode, 2 ** (sampleBits - 1));
}

/** The mean of the channels; of a pair with a difference it follows without decorrelating. */
function mix(channels: readonly Int32Array[], channelCode: number, full: number): Float32Array {
  const pcm = new Float32Array(channels[0].length);
  for (let i = 0; i < pcm.length; i++) {
    let mean = 0;
    if (channelCode === 8) mean = channels[0][i] - channels[1][i] / 2;
    else if (channelCode === 9) mean = channels[1][i] + channels[0][i] / 2;
    else if (channelCode === 10) mean = channels[0][i] + (channels[1][i] & 1) / 2;
    else for (const channel of channels) mean += channel[i] / channels.length;
    pcm[i] = mean / full;
  }
  return pcm;
}

function blockLength(code: number, bits: BitReader): number {
  if (code === 1) return 192;
  if (code >= 2 && code <= 5) return 576 << (code - 2);
  if (code === 6) return bits.unsigned(8) + 1;
  if (code === 7) return bits.unsigned(16) + 1;
  if (code >= 8) return 256 << (code - 8);
  throw new Error('a frame has an invalid length');
}

/** The frame's number, coded like UTF-8. */
function skipCodedNumber(bits: BitReader): void {
  let first = bits.unsigned(8);
  if (first < 0x80) return;
  for (first = (first << 1) & 0xff; first & 0x80; first = (first << 1) & 0xff) bits.unsigned(8);
}

function readSubframe(bits: BitReader, length: number, sampleBits: number): Int32Array {
  bits.unsigned(1);
  const type = bits.unsigned(6);
  const wasted = bits.unsigned(1) === 1 ? bits.unary() + 1 : 0;
  const width = sampleBits - wasted;
  const samples = new Int32Array(length);
  if (type === 0) {
    samples.fill(bits.signed(width));
  } else if (type === 1) {
    for (let i = 0; i < length; i++) samples[i] = bits.signed(width);
  } else if (type >= 8 && type <= 12) {
    readPredicted(bits, samples, width, type - 8, FIXED[type - 8], 0);
  } else if (type >= 32) {
    const order = type - 31;
    readPredicted(bits, samples, width, order, null, null);
  } else {
    throw new Error('a subframe is of a reserved type');
  }
  if (wasted > 0) for (let i = 0; i < length; i++) samples[i] <<= wasted;
  return samples;
}

/** Warm-up samples, the predictor (unless it is a fixed one), and the Rice-coded rest. */
function readPredicted(
  bits: BitReader,
  samples: Int32Array,
  width: number,
  order: number,
  fixed: readonly number[] | null,
  fixedShift: number | null,
): void {
  for (let i = 0; i < order; i++) samples[i] = bits.signed(width);
  let coefficients = fixed;
  let shift = fixedShift ?? 0;
  if (!coefficients) {
    const precision = bits.unsigned(4) + 1;
    shift = bits.signed(5);
    coefficients = Array.from({ length: order }, () => bits.signed(precision));
  }
  readResidual(bits, samples, order);
  const scale = 2 ** shift;
  for (let i = order; i < samples.length; i++) {
    let prediction = 0;
    for (let k = 0; k < order; k++) prediction += coefficients[k] * samples[i - 1 - k];
    samples[i] += Math.floor(prediction / scale);
  }
}

function readResidual(bits: BitReader, samples: Int32Array, order: number): void {
  const method = bits.unsigned(2);
  if (method > 1) throw new Error('a residual is of a reserved kind');
  const parameterBits = method === 0 ? 4 : 5;
  const escapeCode = 2 ** parameterBits - 1;
  const partitions = 2 ** bits.unsigned(4);
  const perPartition = samples.length / partitions;
  let at = order;
  for (let partition = 0; partition < partitions; partition++) {
    const end = (partition + 1) * perPartition;
    const parameter = bits.unsigned(parameterBits);
    if (parameter === escapeCode) {
      const width = bits.unsigned(5);
      for (; at < end; at++) samples[at] = width === 0 ? 0 : bits.signed(width);
    } else {
      for (; at < end; at++) {
        const folded = bits.unary() * 2 ** parameter + bits.unsigned(parameter);
        samples[at] = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
      }
    }
  }
}

/** More bytes are needed than there are. */
class EndOfBytes extends Error {
  constructor() {
    super('it ends too early');
  }
}

/** Bits, most significant first. All that goes beyond the last byte throws {@link EndOfBytes}. */
class BitReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #byte = 0;
  #bit = 0;

  /** Adds bytes at the end and forgets those that were read: positions from before are none any more. */
  append(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#byte), bytes]);
    this.#byte = 0;
  }

  get bytePosition(): number {
    return this.#byte;
  }

  set bytePosition(position: number) {
    if (position > this.#bytes.length) throw new EndOfBytes();
    this.#byte = position;
    this.#bit = 0;
  }

  get bytesLeft(): number {
    return this.#bytes.length - this.#byte;
  }

  skipBytes(count: number): void {
    this.bytePosition = this.#byte + count;
  }

  alignToByte(): void {
    if (this.#bit > 0) this.bytePosition = this.#byte + 1;
  }

  unsigned(count: number): number {
    let value = 0;
    for (let left = count; left > 0; ) {
      if (this.#byte >= this.#bytes.length) throw new EndOfBytes();
      const take = Math.min(left, 8 - this.#bit);
      const part = (this.#bytes[this.#byte] >> (8 - this.#bit - take)) & ((1 << take) - 1);
      value = value * 2 ** take + part;
      this.#bit += take;
      if (this.#bit === 8) {
        this.#bit = 0;
        this.#byte++;
      }
      left -= take;
    }
    return value;
  }

  signed(count: number): number {
    const value = this.unsigned(count);
    return value >= 2 ** (count - 1) ? value - 2 ** count : value;
  }

  /** Zeros before the next one. */
  unary(): number {
    let zeros = 0;
    while (this.unsigned(1) === 0) zeros++;
    return zeros;
  }
}
