import { expect, test } from 'vitest';
import { ParleyError, readMicrophonePacket, writeMicrophonePacket } from '../../src/index.ts';

const GOLDEN_PCM = [
  // version, codec
  0x01, 0x00,
  // seq 0x1234
  0x34, 0x12,
  // startSample 0x01020304
  0x04, 0x03, 0x02, 0x01,
  // two samples: 5, -6
  0x05, 0x00, 0xfa, 0xff,
];

const GOLDEN_OPUS = [0x01, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x48, 0x0b, 0xe4];

test('a PCM16 packet has these bytes', () => {
  const payload = Uint8Array.of(0x05, 0x00, 0xfa, 0xff);
  const packet = { codec: 'pcm16', seq: 0x1234, startSample: 0x01020304, payload } as const;
  expect([...writeMicrophonePacket(packet)]).toEqual(GOLDEN_PCM);
  expect(readMicrophonePacket(Uint8Array.from(GOLDEN_PCM))).toEqual(packet);
});

test('an Opus packet with the largest counters has these bytes', () => {
  const packet = {
    codec: 'opus',
    seq: 0xffff,
    startSample: 0xffffffff,
    payload: Uint8Array.of(0x48, 0x0b, 0xe4),
  } as const;
  expect([...writeMicrophonePacket(packet)]).toEqual(GOLDEN_OPUS);
  expect(readMicrophonePacket(Uint8Array.from(GOLDEN_OPUS))).toEqual(packet);
});

test('a packet at an odd offset of a larger buffer gives an aligned payload', () => {
  const buffer = new Uint8Array(GOLDEN_PCM.length + 1);
  buffer.set(GOLDEN_PCM, 1);
  const { payload } = readMicrophonePacket(buffer.subarray(1));
  expect([...new Int16Array(payload.buffer, payload.byteOffset, 2)]).toEqual([5, -6]);
});

test('a payload read from a Node Buffer is a copy, and plain bytes', () => {
  const buffer = Buffer.from([0, ...GOLDEN_PCM]).subarray(1);
  const { payload } = readMicrophonePacket(buffer);
  buffer.fill(0);
  expect(payload).toEqual(Uint8Array.of(0x05, 0x00, 0xfa, 0xff));
  expect(payload.byteOffset).toBe(0);
});

test.each([
  ['nothing', []],
  ['a cut header', GOLDEN_PCM.slice(0, 7)],
  ['an empty payload', GOLDEN_PCM.slice(0, 8)],
  ['another version', [2, ...GOLDEN_PCM.slice(1)]],
  ['an unknown codec', [1, 2, ...GOLDEN_PCM.slice(2)]],
  ['half a sample', GOLDEN_PCM.slice(0, 11)],
  ['a payload that is too long', [...GOLDEN_PCM, ...new Array(1_920).fill(0)]],
])('%s is malformed', (_, bytes) => {
  expect(() => readMicrophonePacket(Uint8Array.from(bytes))).toThrow(
    expect.objectContaining({ name: 'ParleyError', code: 'malformed-packet' }),
  );
});

test('writing refuses values that do not fit', () => {
  const good = { codec: 'pcm16', seq: 0, startSample: 0, payload: new Uint8Array(640) } as const;
  expect(writeMicrophonePacket(good).length).toBe(648);
  for (const bad of [
    { seq: 65_536 },
    { seq: -1 },
    { startSample: 2 ** 32 },
    { startSample: 0.5 },
    { payload: new Uint8Array(0) },
    { payload: new Uint8Array(3) },
    { payload: new Uint8Array(1_922) },
  ])
    expect(() => writeMicrophonePacket({ ...good, ...bad })).toThrow(RangeError);
  expect(ParleyError.prototype).toBeInstanceOf(Error);
});
