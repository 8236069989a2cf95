import { ParleyError } from '@parley/sdk';
import type { AudioFile } from './audio-file.ts';

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_EXTENSIBLE = 0xfffe;

/**
 * Reads a WAV file (RIFF/WAVE): PCM of 8, 16, 24 or 32 bits, or float of 32 or 64; any rate and number of channels.
 * @throws {ParleyError} `bad-audio`
 */
export function readWav(bytes: Uint8Array): AudioFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw bad('it is not a RIFF/WAVE file');
  let format = 0;
  let channels = 0;
  let rateHz = 0;
  let bits = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = tag(at);
    const start = at + 8;
    const sizeBytes = Math.min(view.getUint32(at + 4, true), bytes.length - start);
    if (id === 'fmt ' && sizeBytes >= 16) {
      format = view.getUint16(start, true);
      channels = view.getUint16(start + 2, true);
      rateHz = view.getUint32(start + 4, true);
      bits = view.getUint16(start + 14, true);
      if (format === FORMAT_EXTENSIBLE && sizeBytes >= 26) format = view.getUint16(start + 24, true);
    } else if (id === 'data') {
      if (channels < 1 || rateHz < 1) throw bad('its format chunk is missing');
      const read = sampleReader(view, format, bits);
      const frameBytes = (channels * bits) / 8;
      const pcm = new Float32Array(Math.floor(sizeBytes / frameBytes));
      for (let i = 0; i < pcm.length; i++) {
        let sum = 0;
        for (let channel = 0; channel < channels; channel++)
          sum += read(start + i * frameBytes + (channel * bits) / 8);
        pcm[i] = sum / channels;
      }
      return { pcm, rateHz };
    }
    at = start + sizeBytes + (sizeBytes & 1);
  }
  throw bad('it has no sound');
}

function sampleReader(view: DataView, format: number, bits: number): (at: number) => number {
  if (format === FORMAT_FLOAT && bits === 32) return (at) => view.getFloat32(at, true);
  if (format === FORMAT_FLOAT && bits === 64) return (at) => view.getFloat64(at, true);
  if (format === FORMAT_PCM && bits === 8) return (at) => (view.getUint8(at) - 128) / 128;
  if (format === FORMAT_PCM && bits === 16) return (at) => view.getInt16(at, true) / 2 ** 15;
  if (format === FORMAT_PCM && bits === 24)
    return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
  if (format === FORMAT_PCM && bits === 32) return (at) => view.getInt32(at, true) / 2 ** 31;
  throw bad(`its encoding (format ${format}, ${bits} bits) is not PCM or float`);
}

function bad(fault: string): ParleyError {
  return new ParleyError('bad-audio', `The WAV file cannot be read: ${fault}`);
}
