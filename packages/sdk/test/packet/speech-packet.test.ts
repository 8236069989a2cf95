import { expect, test } from 'vitest';
import {
  readSpeechPacket,
  readSpeechPacketAddress,
  type SpeechPacket,
  writeSpeechPacket,
} from '../../src/index.ts';

const LAYOUT = { heads: 3, classes: 8 };

const GOLDEN = [
  // version; flags: first and last
  0x01, 0x03,
  // NPC index 0x0102
  0x02, 0x01,
  // utterance 0x0a0b0c0d
  0x0d, 0x0c, 0x0b, 0x0a,
  // startSample 2400
  0x60, 0x09, 0x00, 0x00,
  // 2 code frames, 2 audio frames
  0x02, 0x02,
  // codes 5 3 6 | 7 0 1
  0x9d, 0x01, 0x47, 0x00,
  // an audio frame of 3 bytes, one of 1
  0x03, 0x00, 0xaa, 0xbb, 0xcc, 0x01, 0x00, 0xdd,
];

const PACKET: SpeechPacket = {
  first: true,
  last: true,
  codesOnly: false,
  npcIndex: 0x0102,
  utterance: 0x0a0b0c0d,
  startSample: 2400,
  codes: Uint8Array.of(5, 3, 6, 7, 0, 1),
  codeFrames: 2,
  audio: [Uint8Array.of(0xaa, 0xbb, 0xcc), Uint8Array.of(0xdd)],
};

test('a block has these bytes', () => {
  expect([...writeSpeechPacket(PACKET, LAYOUT)]).toEqual(GOLDEN);
  expect(readSpeechPacket(Uint8Array.from(GOLDEN), LAYOUT)).toEqual(PACKET);
  expect(readSpeechPacketAddress(Uint8Array.from(GOLDEN))).toEqual({
    npcIndex: 0x0102,
    utterance: 0x0a0b0c0d,
  });
});

test('a codes-only packet has these bytes', () => {
  const packet: SpeechPacket = {
    first: false,
    last: false,
    codesOnly: true,
    npcIndex: 0,
    utterance: 1,
    startSample: 0,
    codes: Uint8Array.of(1, 1, 1),
    codeFrames: 1,
    audio: [],
  };
  const bytes = [1, 4, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0b01_001_001, 0];
  expect([...writeSpeechPacket(packet, LAYOUT)]).toEqual(bytes);
  expect(readSpeechPacket(Uint8Array.from(bytes), LAYOUT)).toEqual(packet);
});

test('unknown flag bits are ignored', () => {
  const bytes = Uint8Array.from(GOLDEN);
  bytes[1] |= 0xf8;
  expect(readSpeechPacket(bytes, LAYOUT)).toEqual(PACKET);
});

test('what was read owns its bytes', () => {
  for (const bytes of [Uint8Array.from(GOLDEN), Buffer.from(GOLDEN)]) {
    const packet = readSpeechPacket(bytes, LAYOUT);
    bytes.fill(0);
    expect(packet).toEqual(PACKET);
  }
});

test('every shortening of a packet is malformed', () => {
  for (let length = 0; length < GOLDEN.length; length++)
    expect(() => readSpeechPacket(Uint8Array.from(GOLDEN.slice(0, length)), LAYOUT)).toThrow(
      expect.objectContaining({ code: 'malformed-packet' }),
    );
});

const with_ = (index: number, value: number): number[] =>
  GOLDEN.map((byte, i) => (i === index ? value : byte));

test.each([
  ['another version', with_(0, 9)],
  ['codes-only with audio', with_(1, 4)],
  ['more code frames than bytes', with_(12, 200)],
  ['an audio frame less than there is', with_(13, 1)],
  ['an empty audio frame', with_(18, 0)],
  ['an audio frame longer than the packet', with_(18, 9)],
  ['an audio frame longer than Opus allows', with_(19, 0xff)],
  ['bytes after the end', [...GOLDEN, 0]],
])('%s is malformed', (_, bytes) => {
  expect(() => readSpeechPacket(Uint8Array.from(bytes), LAYOUT)).toThrow(
    expect.objectContaining({ code: 'malformed-packet' }),
  );
});

test('writing refuses values that do not fit', () => {
  for (const bad of [
    { npcIndex: 65_536 },
    { utterance: -1 },
    { startSample: 2 ** 32 },
    { codeFrames: 3 },
    { codesOnly: true },
    { codes: Uint8Array.of(8, 0, 0, 0, 0, 0) },
    { audio: [new Uint8Array(0)] },
    { audio: [new Uint8Array(1_277)] },
    { audio: new Array(256).fill(Uint8Array.of(1)) },
  ])
    expect(() => writeSpeechPacket({ ...PACKET, ...bad }, LAYOUT)).toThrow(RangeError);
});
