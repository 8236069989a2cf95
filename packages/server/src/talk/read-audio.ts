import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { ParleyError } from '@parley/sdk';
import { resample } from '../engines/resample.ts';
import type { AudioFile } from './audio-file.ts';
import { readFlac } from './read-flac.ts';
import { readWav } from './read-wav.ts';

/**
 * Reads a sound file as mono at a rate. WAV and FLAC are read here, everything else through `ffmpeg` where it is installed.
 * @throws {ParleyError} `bad-audio`
 */
export async function readAudio(path: string, rateHz: number): Promise<Float32Array> {
  const bytes = await readFile(path).catch((error) => {
    throw new ParleyError('bad-audio', `${path} cannot be read: ${error.message}`, error);
  });
  const magic = bytes.subarray(0, 4).toString('latin1');
  let file: AudioFile;
  if (magic === 'RIFF') file = readWav(bytes);
  else if (magic === 'fLaC') file = readFlac(bytes);
  else return readWithFfmpeg(path, rateHz);
  return file.rateHz === rateHz ? file.pcm : resample(file.pcm, file.rateHz, rateHz);
}

function readWithFfmpeg(path: string, rateHz: number): Promise<Float32Array> {
  return new Promise((resolve, reject) => {
    const args = ['-v', 'error', '-i', path, '-f', 'f32le', '-ac', '1', '-ar', String(rateHz), '-'];
    const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    let complaint = '';
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => {
      complaint += chunk;
    });
    child.once('error', (error) =>
      reject(
        new ParleyError(
          'bad-audio',
          `${path} is neither WAV nor FLAC, and ffmpeg is not installed to read it`,
          error,
        ),
      ),
    );
    child.once('close', (code) => {
      const bytes = Buffer.concat(chunks);
      if (code !== 0 || bytes.length < 4) {
        reject(
          new ParleyError(
            'bad-audio',
            `${path} cannot be read: ${complaint.trim().split('\n')[0] || 'it has no sound'}`,
          ),
        );
        return;
      }
      const whole = bytes.length - (bytes.length % 4);
      resolve(new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + whole)));
    });
  });
}
