import { ParleyError } from '../errors.ts';
import {
  MAX_MICROPHONE_PAYLOAD_BYTES,
  MICROPHONE_HEADER_BYTES,
  MicrophoneCodecByte,
  PACKET_VERSION,
} from './constants.ts';

/** One frame of a visitor's microphone, client to server. */
export interface MicrophonePacket {
  /** `pcm16`: 16 kHz mono, little-endian; `opus`: one Opus packet, decoded at 16 kHz mono. */
  readonly codec: 'pcm16' | 'opus';
  /** Counts packets, 0 to 65535, then wraps. */
  readonly seq: number;
  /** Index of the frame's first sample on the 16 kHz capture clock, below 2^32. */
  readonly startSample: number;
  /** 1 to 1920 bytes; an even number for `pcm16`. */
  readonly payload: Uint8Array;
}

/**
 * Writes a microphone packet (layout: docs/protocol.md).
 * @throws RangeError if a field is outside its range.
 */
export function writeMicrophonePacket(packet: MicrophonePacket): Uint8Array {
  const { codec, seq, startSample, payload } = packet;
  if (!Number.isInteger(seq) || seq < 0 || seq > 0xffff)
    throw new RangeError(`seq must be an integer from 0 to 65535, not ${seq}`);
  if (!Number.isInteger(startSample) || startSample < 0 || startSample > 0xffffffff)
    throw new RangeError(`startSample must be an integer from 0 to 2^32 - 1, not ${startSample}`);
  const fault = payloadFault(codec, payload.length);
  if (fault) throw new RangeError(fault);
  const bytes = new Uint8Array(MICROPHONE_HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, PACKET_VERSION);
  view.setUint8(1, MicrophoneCodecByte[codec]);
  view.setUint16(2, seq, true);
  view.setUint32(4, startSample, true);
  bytes.set(payload, MICROPHONE_HEADER_BYTES);
  return bytes;
}

/**
 * Reads a microphone packet. The payload is copied, so it may be kept and is aligned for an `Int16Array`.
 * @throws ParleyError `malformed-packet` for anything that is not one.
 */
export function readMicrophonePacket(bytes: Uint8Array): MicrophonePacket {
  if (bytes.length < MICROPHONE_HEADER_BYTES)
    throw malformed(`${bytes.length} bytes are shorter than the header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(0);
  if (version !== PACKET_VERSION) throw malformed(`version ${version} is not ${PACKET_VERSION}`);
  const codecByte = view.getUint8(1);
  if (codecByte !== MicrophoneCodecByte.pcm16 && codecByte !== MicrophoneCodecByte.opus)
    throw malformed(`codec ${codecByte} is unknown`);
  const codec = codecByte === MicrophoneCodecByte.opus ? 'opus' : 'pcm16';
  const fault = payloadFault(codec, bytes.length - MICROPHONE_HEADER_BYTES);
  if (fault) throw malformed(fault);
  return {
    codec,
    seq: view.getUint16(2, true),
    startSample: view.getUint32(4, true),
    // `slice` would copy, except that of a Node Buffer.
    payload: new Uint8Array(bytes.subarray(MICROPHONE_HEADER_BYTES)),
  };
}

function payloadFault(codec: MicrophonePacket['codec'], sizeBytes: number): string | undefined {
  if (sizeBytes < 1) return 'the payload is empty';
  if (sizeBytes > MAX_MICROPHONE_PAYLOAD_BYTES)
    return `a payload of ${sizeBytes} bytes is longer than ${MAX_MICROPHONE_PAYLOAD_BYTES}`;
  if (codec === 'pcm16' && sizeBytes % 2 !== 0) return `${sizeBytes} bytes of PCM16 are not whole samples`;
  return undefined;
}

function malformed(fault: string): ParleyError {
  return new ParleyError('malformed-packet', `not a microphone packet: ${fault}; drop it`);
}
