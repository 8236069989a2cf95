import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { ParleyError } from '@parley/sdk';
import type { AudioChunk } from '../engines/contracts.ts';
import { flacBlocks } from './read-flac.ts';
import { streamWav } from './read-wav.ts';
import { streamMp3 } from './stream-mp3.ts';
import { streamOpus } from './stream-opus.ts';
import { streamVorbis } from './stream-vorbis.ts';

/** Told how much of a file has been read, 0 to 1; never, where that is unknown. */
export type ReadProgress = (part: number) => void;

/** Bytes that show what a file is: the first Ogg page holds its codec's name within them. */
const MAGIC_BYTES = 64;
/** Bytes that are read at once from a compressed file. */
const PIECE_BYTES = 1 << 16;
/** Rate that ffmpeg is asked for, Hz. */
const FFMPEG_RATE_HZ = 48_000;

/**
 * Reads a sound file in order, mixed to one channel, at its own rate. WAV, FLAC, MP3, Ogg Vorbis and Opus (in Ogg or WebM)
 * are decoded here, everything else by `ffmpeg` where that is installed. Pieces of a compressed file are as long as its
 * packets; memory does not grow with the length of the sound.
 *
 * @throws {ParleyError} `bad-audio` when the file is not there, is no sound, is damaged, holds no samples or numbers that
 * are none.
 */
export async function* streamAudio(
  path: string,
  onProgress: ReadProgress = () => {},
): AsyncGenerator<AudioChunk> {
  let samples = 0;
  try {
    for await (const chunk of await decode(path, onProgress)) {
      if (chunk.pcm.length === 0) continue;
      samples += chunk.pcm.length;
      if (!chunk.pcm.every(Number.isFinite))
        throw new ParleyError('bad-audio', `${path} holds samples that are no numbers: export it again`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParleyError('bad-audio', `${path} cannot be read: ${reason}`, error);
  }
  if (samples === 0) throw new ParleyError('bad-audio', `${path} has no sound in it`);
}

async function decode(path: string, onProgress: ReadProgress): Promise<AsyncIterable<AudioChunk>> {
  const { magic, sizeBytes } = await lookAtAudio(path);
  const text = Buffer.from(magic).toString('latin1');
  if (text.startsWith('RIFF')) return streamWav(path, onProgress);
  if (text.startsWith('fLaC')) return inOrder(flacBlocks(await readFile(path), onProgress));
  if (isMpegAudio(magic, text)) return streamMp3(pieces(path, sizeBytes, onProgress));
  if (text.startsWith('OggS') && text.includes('vorbis'))
    return streamVorbis(pieces(path, sizeBytes, onProgress));
  if (text.startsWith('OggS') && text.includes('OpusHead')) return streamOpus(path, onProgress);
  return withFfmpeg(path);
}

/**
 * The beginning of a sound file and its size.
 * @throws {ParleyError} `bad-audio` when it is not there, a folder or empty.
 */
export async function lookAtAudio(path: string): Promise<{ magic: Uint8Array; sizeBytes: number }> {
  let sizeBytes: number;
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new Error('it is a folder');
    sizeBytes = found.size;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : undefined;
    throw new ParleyError(
      'bad-audio',
      `${path} cannot be read: ${reason ?? (error as Error).message}`,
      error,
    );
  }
  if (sizeBytes === 0) throw new ParleyError('bad-audio', `${path} is empty: record or export it again`);
  const file = await open(path);
  try {
    const magic = new Uint8Array(MAGIC_BYTES);
    const { bytesRead } = await file.read(magic, 0, MAGIC_BYTES, 0);
    return { magic: magic.subarray(0, bytesRead), sizeBytes };
  } finally {
    await file.close();
  }
}

/** A tag, or a frame header of MPEG audio: eleven ones, then a layer that is not the reserved one (that is AAC). */
function isMpegAudio(magic: Uint8Array, text: string): boolean {
  if (text.startsWith('ID3')) return true;
  return magic[0] === 0xff && (magic[1]! & 0xe0) === 0xe0 && (magic[1]! & 0x06) !== 0;
}

async function* pieces(
  path: string,
  sizeBytes: number,
  onProgress: ReadProgress,
): AsyncGenerator<Uint8Array> {
  let readBytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    yield piece as Uint8Array;
    readBytes += (piece as Uint8Array).length;
    onProgress(readBytes / sizeBytes);
  }
}

async function* inOrder<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

async function* withFfmpeg(path: string): AsyncGenerator<AudioChunk> {
  const args = ['-v', 'error', '-nostdin', '-i', path, '-map', '0:a:0', '-f', 'f32le', '-ac', '1'];
  const child = spawn('ffmpeg', [...args, '-ar', String(FFMPEG_RATE_HZ), '-'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // It is awaited below; a failure before that must not end the process.
  ended.catch(() => {});
  let complaint = '';
  child.stderr.on('data', (data) => {
    complaint = (complaint + data).slice(0, 2_000);
  });
  try {
    let rest: Uint8Array = new Uint8Array(0);
    for await (const data of child.stdout) {
      const bytes = Buffer.concat([rest, data as Buffer]);
      const whole = bytes.length - (bytes.length % 4);
      const pcm = new Float32Array(whole / 4);
      new Uint8Array(pcm.buffer).set(bytes.subarray(0, whole));
      rest = bytes.subarray(whole);
      yield { pcm, rateHz: FFMPEG_RATE_HZ };
    }
    if ((await ended) !== 0)
      throw new ParleyError(
        'bad-audio',
        `${path} cannot be read: ${complaint.trim().split('\n')[0] || 'it has no sound'}`,
      );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw noFfmpeg(path, error);
  } finally {
    child.kill();
  }
}

function noFfmpeg(path: string, cause: unknown): ParleyError {
  return new ParleyError(
    'bad-audio',
    `${path} is neither WAV, FLAC, MP3 nor Ogg: convert it, or install ffmpeg, which reads the rest`,
    cause,
  );
}
