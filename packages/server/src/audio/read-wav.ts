import { type FileHandle, open } from 'node:fs/promises';
import { ParleyError } from '@parley/sdk';
import type { AudioChunk } from '../engines/contracts.ts';
import type { AudioFile } from './audio-file.ts';

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_EXTENSIBLE = 0xfffe;
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

/** Bytes of a file or of memory. */
interface Source {
  readonly sizeBytes: number;
  /** Fewer bytes than asked for only at the end. */
  readAt(position: number, length: number): Promise<Uint8Array>;
}

/**
 * Reads a WAV file (RIFF/WAVE): PCM of 8, 16, 24 or 32 bits, or float of 32 or 64; any rate and number of channels.
 * @throws {ParleyError} `bad-audio`
 */
export async function readWav(bytes: Uint8Array): Promise<AudioFile> {
  const source: Source = {
    sizeBytes: bytes.length,
    readAt: async (position, length) => bytes.subarray(position, position + length),
  };
  const data = await findData(source);
  const pcm = mixFrames(bytes.subarray(data.startByte, data.endByte), data);
  return { pcm, rateHz: data.rateHz };
}

/**
 * As {@link readWav}, piece by piece: memory does not grow with the file.
 * @param onProgress Told which part of the file is read, 0 to 1.
 */
export async function* streamWav(
  path: string,
  onProgress: (part: number) => void,
): AsyncGenerator<AudioChunk> {
  const file = await open(path);
  try {
    const source = await fileSource(file);
    const data = await findData(source);
    const frameBytes = (data.channels * data.bits) / 8;
    const pieceBytes = Math.max(1, Math.floor(PIECE_BYTES / frameBytes)) * frameBytes;
    for (let at = data.startByte; at < data.endByte; at += pieceBytes) {
      const bytes = await source.readAt(at, Math.min(pieceBytes, data.endByte - at));
      yield { pcm: mixFrames(bytes, data), rateHz: data.rateHz };
      onProgress((at + bytes.length - data.startByte) / (data.endByte - data.startByte));
    }
  } finally {
    await file.close();
  }
}

async function fileSource(file: FileHandle): Promise<Source> {
  const { size } = await file.stat();
  return {
    sizeBytes: size,
    async readAt(position, length) {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, position);
      return bytes.subarray(0, bytesRead);
    },
  };
}

async function findData(source: Source): Promise<WavData> {
  const head = await source.readAt(0, 12);
  if (head.length < 12 || tagAt(head, 0) !== 'RIFF' || tagAt(head, 8) !== 'WAVE')
    throw bad('it is not a RIFF/WAVE file');
  let format: WavFormat | null = null;
  for (let at = 12; at + 8 <= source.sizeBytes; ) {
    const chunk = await source.readAt(at, 34);
    const id = tagAt(chunk, 0);
    const start = at + 8;
    // Streams that did not know their length state none, or the largest.
    const sizeBytes = Math.min(viewOf(chunk).getUint32(4, true), source.sizeBytes - start);
    if (id === 'fmt ' && sizeBytes >= 16 && chunk.length >= 24) format = readFormat(chunk);
    else if (id === 'data') {
      if (!format || format.channels < 1 || format.rateHz < 1) throw bad('its format chunk is missing');
      sampleReader(viewOf(chunk), format);
      return { ...format, startByte: start, endByte: start + sizeBytes };
    }
    at = start + sizeBytes + (sizeBytes & 1);
  }
  throw bad('it has no sound');
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

function sampleReader(view: DataView, { encoding, bits }: WavFormat): (at: number) => number {
  if (encoding === FORMAT_FLOAT && bits === 32) return (at) => view.getFloat32(at, true);
  if (encoding === FORMAT_FLOAT && bits === 64) return (at) => view.getFloat64(at, true);
  if (encoding === FORMAT_PCM && bits === 8) return (at) => (view.getUint8(at) - 128) / 128;
  if (encoding === FORMAT_PCM && bits === 16) return (at) => view.getInt16(at, true) / 2 ** 15;
  if (encoding === FORMAT_PCM && bits === 24)
    return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
  if (encoding === FORMAT_PCM && bits === 32) return (at) => view.getInt32(at, true) / 2 ** 31;
  throw bad(`its encoding (format ${encoding}, ${bits} bits) is not PCM or float`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function tagAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function bad(fault: string): ParleyError {
  return new ParleyError('bad-audio', `The WAV file cannot be read: ${fault}`);
}
