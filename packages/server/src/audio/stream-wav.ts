import { type FileHandle, open } from 'node:fs/promises';
import type { AudioChunk } from '../engines/contracts.ts';
import { fromALaw, fromMuLaw } from './g711.ts';

/** Format tags (RFC 2361). */
const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_A_LAW = 6;
const FORMAT_MU_LAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;
/** Sizes that streams state that do not know theirs; RF64 files state the real one elsewhere. */
const UNKNOWN_SIZES = [0, 0xffff_ffff];
/** Bytes that are read at once. */
const PIECE_BYTES = 1 << 18;

interface WavFormat {
  readonly channels: number;
  readonly rateHz: number;
  readonly bits: number;
  readonly encoding: number;
}

/** Where the samples of a file lie, and how they are written. */
interface WavData extends WavFormat {
  readonly startByte: number;
  readonly endByte: number;
}

/**
 * Reads a WAV file (RIFF/WAVE, or RF64 beyond 4 GB) piece by piece, mixed to one channel: PCM of 8, 16, 24 or 32 bits, float
 * of 32 or 64, A-law or mu-law; any rate and number of channels. Memory does not grow with the file.
 *
 * @param onProgress Told which part of the file is read, 0 to 1.
 * @throws Error that says what is wrong with the file.
 */
export async function* streamWav(
  path: string,
  onProgress: (part: number) => void,
): AsyncGenerator<AudioChunk> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const data = await findData(file, size);
    const frameBytes = (data.channels * data.bits) / 8;
    const pieceBytes = Math.max(1, Math.floor(PIECE_BYTES / frameBytes)) * frameBytes;
    for (let at = data.startByte; at < data.endByte; at += pieceBytes) {
      const bytes = await readAt(file, at, Math.min(pieceBytes, data.endByte - at));
      yield { pcm: mixFrames(bytes, data), rateHz: data.rateHz };
      onProgress((at + bytes.length - data.startByte) / (data.endByte - data.startByte));
    }
  } finally {
    await file.close();
  }
}

/** Fewer bytes than asked for only at the end. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  return bytes.subarray(0, bytesRead);
}

async function findData(file: FileHandle, fileBytes: number): Promise<WavData> {
  const head = await readAt(file, 0, 12);
  if (head.length < 12 || !['RIFF', 'RF64'].includes(tagAt(head, 0)) || tagAt(head, 8) !== 'WAVE')
    throw new Error('it is not a RIFF/WAVE file');
  let format: WavFormat | null = null;
  let largeBytes = 0;
  for (let at = 12; at + 8 <= fileBytes; ) {
    const chunk = await readAt(file, at, 34);
    const id = tagAt(chunk, 0);
    const start = at + 8;
    const stated = viewOf(chunk).getUint32(4, true);
    if (id === 'fmt ' && stated >= 16 && chunk.length >= 24) format = readFormat(chunk);
    else if (id === 'ds64' && chunk.length >= 24) largeBytes = Number(viewOf(chunk).getBigUint64(16, true));
    else if (id === 'data') {
      if (!format || format.channels < 1 || format.rateHz < 1) throw new Error('its format chunk is missing');
      sampleReader(viewOf(chunk), format);
      const sizeBytes = UNKNOWN_SIZES.includes(stated) ? largeBytes || fileBytes - start : stated;
      return { ...format, startByte: start, endByte: Math.min(start + sizeBytes, fileBytes) };
    }
    at = start + stated + (stated & 1);
  }
  throw new Error('it has no sound');
}

function readFormat(chunk: Uint8Array): WavFormat {
  const view = viewOf(chunk);
  const encoding = view.getUint16(8, true);
  return {
    encoding: encoding === FORMAT_EXTENSIBLE && chunk.length >= 34 ? view.getUint16(32, true) : encoding,
    channels: view.getUint16(10, true),
    rateHz: view.getUint32(12, true),
    bits: view.getUint16(22, true),
  };
}

/** Whole frames of all channels, averaged to one. */
function mixFrames(bytes: Uint8Array, format: WavFormat): Float32Array {
  const read = sampleReader(viewOf(bytes), format);
  const sampleBytes = format.bits / 8;
  const { channels } = format;
  const pcm = new Float32Array(Math.floor(bytes.length / (channels * sampleBytes)));
  for (let i = 0; i < pcm.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += read((i * channels + channel) * sampleBytes);
    pcm[i] = sum / channels;
  }
  return pcm;
}

/** Reads the sample at a byte, in [-1, 1]. */
function sampleReader(view: DataView, { encoding, bits }: WavFormat): (at: number) => number {
  if (encoding === FORMAT_FLOAT && bits === 32) return (at) => view.getFloat32(at, true);
  if (encoding === FORMAT_FLOAT && bits === 64) return (at) => view.getFloat64(at, true);
  if (encoding === FORMAT_PCM && bits === 8) return (at) => (view.getUint8(at) - 128) / 128;
  if (encoding === FORMAT_PCM && bits === 16) return (at) => view.getInt16(at, true) / 2 ** 15;
  if (encoding === FORMAT_PCM && bits === 24)
    return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
  if (encoding === FORMAT_PCM && bits === 32) return (at) => view.getInt32(at, true) / 2 ** 31;
  if (encoding === FORMAT_A_LAW && bits === 8) return (at) => fromALaw(view.getUint8(at));
  if (encoding === FORMAT_MU_LAW && bits === 8) return (at) => fromMuLaw(view.getUint8(at));
  throw new Error(
    `its encoding (format ${encoding}, ${bits} bits) is not PCM, float, A-law or mu-law: export it as 16-bit PCM`,
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function tagAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
