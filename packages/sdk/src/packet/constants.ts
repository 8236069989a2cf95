/** Sample rate of all NPC speech after synthesis, in Hz. Time inside an utterance is a sample index at this rate. */
export const SPEECH_RATE_HZ = 24_000;
/** Sample rate of microphones on the wire, in Hz. */
export const MICROPHONE_RATE_HZ = 16_000;
/** Samples of speech in a face frame at 30 fps; for another rate see {@link frameSamples}. */
export const FRAME_SAMPLES = 800;
/** Samples of speech in a block, which is what one speech packet carries: 100 ms. */
export const BLOCK_SAMPLES = 2_400;
/** Samples of speech in an Opus frame: 20 ms. */
export const OPUS_FRAME_SAMPLES = 480;
/** Samples of a microphone frame: 20 ms. */
export const MICROPHONE_FRAME_SAMPLES = 320;

/** Version of the binary packets, their first byte. */
export const PACKET_VERSION = 1;
/** Version of the whole protocol, sent in `parley:hello`. */
export const PROTOCOL_VERSION = 1;

/** Numeric Colyseus message types of the binary packets. Below 128 they cost two bytes on the wire. */
export const MessageType = {
  /** Client to server, see {@link MicrophonePacket}. */
  microphone: 1,
  /** Server to client, see {@link SpeechPacket}. */
  speech: 2,
} as const;

/** Header bytes of a microphone packet. */
export const MICROPHONE_HEADER_BYTES = 8;
/** Header bytes of a speech packet. */
export const SPEECH_HEADER_BYTES = 14;
/** Longest microphone payload: 60 ms of PCM16, which is also Opus' longest frame. */
export const MAX_MICROPHONE_PAYLOAD_BYTES = 1_920;
/** Longest audio frame of a speech packet: an Opus packet of one frame (RFC 6716, section 3.4). */
export const MAX_AUDIO_FRAME_BYTES = 1_276;

/** Values of the microphone packet's codec byte. */
export const MicrophoneCodecByte = { pcm16: 0, opus: 1 } as const;
/** Bits of the speech packet's flag byte; readers ignore the others. */
export const SpeechFlag = { first: 1, last: 2, codesOnly: 4 } as const;

/**
 * Samples of speech in one face frame.
 * @param fps Face frames a second, from the manifest or the utterance.
 */
export function frameSamples(fps: number): number {
  return SPEECH_RATE_HZ / fps;
}
