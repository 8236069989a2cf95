import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { ParleyError } from '@parley/sdk';
import type { AudioChunk } from '../engines/contracts.ts';
import { whyUnreadable } from '../why-unreadable.ts';
import { DECODED_FORMATS } from './decoded-formats.ts';
import { streamFlac } from './stream-flac.ts';
import { streamMp3 } from './stream-mp3.ts';
import { holdsOpus, streamOpus } from './stream-opus.ts';
import { streamVorbis } from './stream-vorbis.ts';
import { streamWav } from './stream-wav.ts';

/** Told how much of a file has been read, 0 to 1; never, where that is unknown. */
export type ReadProgress = (part: number) => void;

/** Bytes that show what a file is: the first Ogg page holds its codec's name within them. */
const MAGIC_BYTES = 64;
/** The EBML header of Matroska and WebM. */
const MATROSKA_MAGIC = '\x1a\x45\xdf\xa3';
/** Bytes that are read at once from a compressed file. */
const PIECE_BYTES = 1 << 16;
/** Rate that ffmpeg is asked for, Hz. */
const FFMPEG_RATE_HZ = 48_000;

/**
 * Reads a sound file in order, mixed to one channel, at its own rate. {@link DECODED_FORMATS} are decoded here, everything
 * else (AAC above all) by `ffmpeg` where that is installed. Pieces of a compressed file are as long as its packets; memory
 * does not grow with the length of the sound.
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
    throw new ParleyError('bad-audio', `${path} cannot be read: ${whyUnreadable(error)}`, error);
  }
  if (samples === 0) throw new ParleyError('bad-audio', `${path} has no sound in it`);
}

async function decode(path: string, onProgress: ReadProgress): Promise<AsyncIterable<AudioChunk>> {
  const { magic, sizeBytes } = await lookAtAudio(path);
  const text = Buffer.from(magic).toString('latin1');
  if (text.startsWith('RIFF') || text.startsWith('RF64')) return streamWav(path, onProgress);
  if (text.startsWith('fLaC')) return streamFlac(pieces(path, sizeBytes, onProgress));
  if (isMpegAudio(magic, text)) return streamMp3(pieces(path, sizeBytes, onProgress));
  if (text.startsWith('OggS') && text.includes('vorbis'))
    return streamVorbis(pieces(path, sizeBytes, onProgress));
  const mayHoldOpus =
    text.startsWith('OggS') || text.startsWith(MATROSKA_MAGIC) || text.startsWith('ftyp', 4);
  if (mayHoldOpus && (await holdsOpus(path))) return streamOpus(path, onProgress);
  return withFfmpeg(path);
}

/**
 * The beginning of a sound file and its size.
 * @throws {ParleyError} `bad-audio` when it is not there, not a file, closed to us or empty.
 */
export async function lookAtAudio(path: string): Promise<{ magic: Uint8Array; sizeBytes: number }> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new Error('it is a folder');
    if (!found.isFile()) throw new Error('it is no file on a disk: write the sound into one first');
    if (found.size === 0) throw new ParleyError('bad-audio', `${path} is empty: record or export it again`);
    const file = await open(path);
    try {
      const magic = new Uint8Array(MAGIC_BYTES);
      const { bytesRead } = await file.read(magic, 0, MAGIC_BYTES, 0);
      return { magic: magic.subarray(0, bytesRead), sizeBytes: found.size };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw new ParleyError('bad-audio', `${path} cannot be read: ${whyUnreadable(error)}`, error);
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

/**
 * @throws Error that says what is wrong with the file; ParleyError `bad-audio` where there is no ffmpeg.
 */
async function* withFfmpeg(path: string): AsyncGenerator<AudioChunk> {
  // `file:` keeps a path from being taken for an option or another protocol.
  const input = `file:${path}`;
  const args = ['-v', 'error', '-nostdin', '-i', input, '-map', '0:a:0', '-f', 'f32le', '-ac', '1'];
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
    if ((await ended) !== 0) throw new Error(reasonOf(complaint, input));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw noFfmpeg(path, error);
  } finally {
    child.kill();
  }
}

/** The first line that ffmpeg complained with, without what a person knows. */
function reasonOf(complaint: string, input: string): string {
  if (/matches no streams|does not contain any stream/.test(complaint)) return 'it has no sound';
  const [line = ''] = complaint.trim().split('\n');
  const reason = line.replace(/^\[[^\]]*\] /, '').replace(`${input}: `, '');
  return reason || 'ffmpeg does not say why';
}

function noFfmpeg(path: string, cause: unknown): ParleyError {
  return new ParleyError(
    'bad-audio',
    `${path} is neither of ${DECODED_FORMATS}: convert it to one of these, or install ffmpeg, which reads AAC (.m4a) and the rest`,
    cause,
  );
}
