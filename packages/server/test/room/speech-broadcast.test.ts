import { MessageName } from '@parley/sdk';
import { expect, test } from 'vitest';
import type { ClientLike } from '../../src/room/room-like.ts';
import { SpeechBroadcast } from '../../src/room/speech-broadcast.ts';
import { TurnStopwatch } from '../../src/turn/turn-timings.ts';

const LAYOUT = { heads: 4, classes: 16, fps: 30, window: 6 };
const MIRA = { id: 'mira', index: 3 };

function client(sessionId: string, bufferedAmount = 0) {
  const sent: string[] = [];
  const packets: Uint8Array[] = [];
  const like: ClientLike = {
    sessionId,
    send: (type) => sent.push(type),
    sendBytes: (_type, bytes) => packets.push(bytes),
    ref: { once: () => {}, bufferedAmount },
  };
  return { like, sent, packets };
}

function block(index: number) {
  return {
    startSample: index * 2_400,
    codes: new Uint8Array(12).fill(index % 16),
    codeFrames: 3,
    audio: [Uint8Array.of(index)],
    first: index === 0,
    last: false,
    voice: new Float32Array(2400),
  };
}

const details = { speakerId: 'ann', timings: new TurnStopwatch(() => 0).timings() };

test('a client that lags loses speech, never messages', () => {
  const quick = client('quick');
  const slow = client('slow', 100_000);
  const stranger = client('stranger');
  const room = {
    clients: [quick.like, slow.like, stranger.like],
    state: {},
    onMessage: () => () => {},
    onMessageBytes: () => () => {},
  };
  const broadcast = new SpeechBroadcast(room, LAYOUT, () => 0);
  broadcast.join(quick.like);
  broadcast.join(slow.like);
  broadcast.begin(MIRA, 0, details);
  for (let i = 0; i < 5; i++) broadcast.send('mira', block(i));
  broadcast.stop('mira', 4_800);
  expect([quick.packets.length, slow.packets.length, stranger.packets.length]).toEqual([5, 0, 0]);
  expect(slow.sent).toEqual([MessageName.utterance, MessageName.stop]);
  expect(stranger.sent).toEqual([]);
  expect(broadcast.droppedPackets).toBe(5);
});

test('who joins late gets the codes of the decoder window without sound, and everything from now on', () => {
  let nowMs = 1_000;
  const late = client('late');
  const room = { clients: [late.like], state: {}, onMessage: () => () => {}, onMessageBytes: () => () => {} };
  const broadcast = new SpeechBroadcast(room, LAYOUT, () => nowMs);
  broadcast.begin(MIRA, 1_000, details);
  for (let i = 0; i < 30; i++) broadcast.send('mira', block(i));
  nowMs = 2_050;
  broadcast.join(late.like);
  expect(late.sent).toEqual([MessageName.utterance]);
  // Now is sample 25200, in block 10; the window of 6 frames reaches back to 20400, in block 8.
  const starts = late.packets.map((bytes) => new DataView(bytes.buffer).getUint32(8, true) / 2_400);
  const codesOnly = late.packets.map((bytes) => (bytes[1] & 4) !== 0);
  expect(starts).toEqual(Array.from({ length: 22 }, (_, i) => i + 8));
  expect(codesOnly.filter(Boolean)).toHaveLength(2);
  broadcast.end('mira');
  const later = client('later');
  broadcast.join(later.like);
  expect(later.sent).toEqual([]);
});

test('what was played long ago is not kept', () => {
  let nowMs = 0;
  const late = client('late');
  const room = { clients: [late.like], state: {}, onMessage: () => () => {}, onMessageBytes: () => () => {} };
  const broadcast = new SpeechBroadcast(room, LAYOUT, () => nowMs);
  broadcast.begin(MIRA, 0, details);
  for (let i = 0; i < 6_000; i++) {
    nowMs = i * 100 - 1_000;
    broadcast.send('mira', block(i));
  }
  broadcast.join(late.like);
  expect(late.packets.length).toBeLessThan(20);
});
