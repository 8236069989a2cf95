import { ParleyError } from '../errors.ts';
import { assertCodeLayout, type CodeLayout, packedFrameBytes } from './code-layout.ts';
import { MAX_AUDIO_FRAME_BYTES, PACKET_VERSION, SPEECH_HEADER_BYTES, SpeechFlag } from './constants.ts';
import { packCodes, unpackCodes } from './pack-codes.ts';

/** One block of an NPC's utterance, server to client: face codes and speech together, so that they cannot drift. */
export interface SpeechPacket {
  /** First block of the utterance. */
  readonly first: boolean;
  /** Last block: the utterance ends where it ends. */
  readonly last: boolean;
  /** The codes before a late joiner's first audible block; `audio` is empty. */
  readonly codesOnly: boolean;
  /** The NPC's `index` in the room state, 0 to 65535. */
  readonly npcIndex: number;
  /** Utterance id, unique in the room, below 2^32. */
  readonly utterance: number;
  /** Index of the block's first sample in the utterance at 24 kHz; frame n of `codes` is at `startSample + 800·n`. */
  readonly startSample: number;
  /** Class indices, codeFrames x heads, row by row. */
  readonly codes: Uint8Array;
  /** Frames in `codes`, 0 to 255. */
  readonly codeFrames: number;
  /** 20 ms frames of audio in order (at most 255), each 1 to 1276 bytes, encoded as `parley:utterance` said. */
  readonly audio: readonly Uint8Array[];
}

/**
 * Writes a speech packet (layout: docs/protocol.md).
 * @param packet The block.
 * @param codec Heads and classes of the utterance.
 * @throws RangeError if a field is outside its range.
 */
export function writeSpeechPacket(packet: SpeechPacket, codec: CodeLayout): Uint8Array {
  assertCodeLayout(codec);
  assertInteger('npcIndex', packet.npcIndex, 0xffff);
  assertInteger('utterance', packet.utterance, 0xffffffff);
  assertInteger('startSample', packet.startSample, 0xffffffff);
  assertInteger('codeFrames', packet.codeFrames, 255);
  assertInteger('number of audio frames', packet.audio.length, 255);
  if (packet.codes.length !== packet.codeFrames * codec.heads)
    throw new RangeError(`codes must hold ${packet.codeFrames} x ${codec.heads}, not ${packet.codes.length}`);
  if (packet.codesOnly && packet.audio.length > 0) throw new RangeError('a codes-only packet has no audio');
  const codes = packCodes(packet.codes, codec);
  let sizeBytes = SPEECH_HEADER_BYTES + codes.length;
  for (const frame of packet.audio) {
    if (frame.length < 1 || frame.length > MAX_AUDIO_FRAME_BYTES)
      throw new RangeError(`an audio frame has 1 to ${MAX_AUDIO_FRAME_BYTES} bytes, not ${frame.length}`);
    sizeBytes += 2 + frame.length;
  }
  const bytes = new Uint8Array(sizeBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, PACKET_VERSION);
  view.setUint8(
    1,
    (packet.first ? SpeechFlag.first : 0) |
      (packet.last ? SpeechFlag.last : 0) |
      (packet.codesOnly ? SpeechFlag.codesOnly : 0),
  );
  view.setUint16(2, packet.npcIndex, true);
  view.setUint32(4, packet.utterance, true);
  view.setUint32(8, packet.startSample, true);
  view.setUint8(12, packet.codeFrames);
  view.setUint8(13, packet.audio.length);
  bytes.set(codes, SPEECH_HEADER_BYTES);
  let offset = SPEECH_HEADER_BYTES + codes.length;
  for (const frame of packet.audio) {
    view.setUint16(offset, frame.length, true);
    bytes.set(frame, offset + 2);
    offset += 2 + frame.length;
  }
  return bytes;
}

/** Which utterance a speech packet belongs to, readable before its {@link CodeLayout} is known. */
export interface SpeechPacketAddress {
  readonly npcIndex: number;
  readonly utterance: number;
}

/**
 * Reads only the address of a speech packet, to find the layout that {@link readSpeechPacket} needs.
 * @throws ParleyError `malformed-packet` if the header is short or of another version.
 */
export function readSpeechPacketAddress(bytes: Uint8Array): SpeechPacketAddress {
  const view = headerView(bytes);
  return { npcIndex: view.getUint16(2, true), utterance: view.getUint32(4, true) };
}

/**
 * Reads a speech packet. Codes and audio are copied, so they may be kept or transferred.
 * @param bytes The whole packet, at any byte offset.
 * @param codec Heads and classes of the utterance.
 * @throws ParleyError `malformed-packet` for anything that is not one.
 */
export function readSpeechPacket(bytes: Uint8Array, codec: CodeLayout): SpeechPacket {
  const view = headerView(bytes);
  const flags = view.getUint8(1);
  const codeFrames = view.getUint8(12);
  const audioFrames = view.getUint8(13);
  const codesOnly = (flags & SpeechFlag.codesOnly) !== 0;
  if (codesOnly && audioFrames > 0) throw malformed('it is codes-only and yet has audio');
  const codesEnd = SPEECH_HEADER_BYTES + codeFrames * packedFrameBytes(codec);
  const codes = unpackCodes(bytes.subarray(SPEECH_HEADER_BYTES, codesEnd), codeFrames, codec);
  const audio: Uint8Array[] = [];
  let offset = codesEnd;
  for (let frame = 0; frame < audioFrames; frame++) {
    if (offset + 2 > bytes.length) throw malformed(`audio frame ${frame} of ${audioFrames} is missing`);
    const sizeBytes = view.getUint16(offset, true);
    offset += 2;
    if (sizeBytes < 1 || sizeBytes > MAX_AUDIO_FRAME_BYTES)
      throw malformed(`audio frame ${frame} says it has ${sizeBytes} bytes`);
    if (offset + sizeBytes > bytes.length) throw malformed(`audio frame ${frame} is cut off`);
    // `slice` would copy, except that of a Node Buffer.
    audio.push(new Uint8Array(bytes.subarray(offset, offset + sizeBytes)));
    offset += sizeBytes;
  }
  if (offset !== bytes.length) throw malformed(`${bytes.length - offset} bytes follow its end`);
  return {
    first: (flags & SpeechFlag.first) !== 0,
    last: (flags & SpeechFlag.last) !== 0,
    codesOnly,
    npcIndex: view.getUint16(2, true),
    utterance: view.getUint32(4, true),
    startSample: view.getUint32(8, true),
    codes,
    codeFrames,
    audio,
  };
}

function headerView(bytes: Uint8Array): DataView {
  if (bytes.length < SPEECH_HEADER_BYTES)
    throw malformed(`${bytes.length} bytes are shorter than the header`);
  if (bytes[0] !== PACKET_VERSION) throw malformed(`version ${bytes[0]} is not ${PACKET_VERSION}`);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function assertInteger(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw new RangeError(`${name} must be an integer from 0 to ${max}, not ${value}`);
}

function malformed(fault: string): ParleyError {
  return new ParleyError('malformed-packet', `not a speech packet: ${fault}; drop it`);
}
