import { beforeEach, expect, test, vi } from 'vitest';
import {
  MessageType,
  ParleyClient,
  readMicrophonePacket,
  type SpeechPacket,
  type UtteranceMessage,
  writeSpeechPacket,
} from '../../src/index.ts';
import { FakeRoom } from './fake-room.ts';

const UTTERANCE: UtteranceMessage = {
  npc: 'mira',
  utterance: 9,
  rateHz: 24_000,
  codec: 'opus',
  startMs: 1_000,
  fps: 30,
  heads: 3,
  classes: 8,
};

const PACKET: SpeechPacket = {
  first: true,
  last: false,
  codesOnly: false,
  npcIndex: 0,
  utterance: 9,
  startSample: 0,
  codes: Uint8Array.of(1, 2, 3),
  codeFrames: 1,
  audio: [Uint8Array.of(5)],
};

const PACKET_BYTES = writeSpeechPacket(PACKET, UTTERANCE);

let room: FakeRoom;
let timeMs: number;
let client: ParleyClient;

beforeEach(() => {
  room = new FakeRoom();
  timeMs = 10_000;
  client = new ParleyClient(room, { timeMs: () => timeMs });
});

test('it says hello once its handlers are there, and again after a reconnection', () => {
  expect(room.sent).toEqual([['parley:hello', { version: 1 }]]);
  room.onReconnect.emit();
  expect(room.sent).toHaveLength(2);
});

test('the clock is synced at once, and again with a later message', async () => {
  await client.ready;
  expect(client.clock.nowMs()).toBe(10_500);
  room.answerClock = vi.fn(room.answerClock);
  room.receive('parley:notice', { code: 'busy', message: 'Wait.' });
  expect(room.answerClock).not.toHaveBeenCalled();
  timeMs += 6_000;
  room.receive('parley:notice', { code: 'busy', message: 'Wait.' });
  room.receive('parley:notice', { code: 'busy', message: 'Wait.' });
  await vi.waitFor(() => expect(room.answerClock).toHaveBeenCalledTimes(1));
});

test('a room without Parley makes ready fail, with what to check', async () => {
  const silent = new FakeRoom();
  silent.answerClock = () => Promise.reject(new Error('no handler'));
  await expect(new ParleyClient(silent).ready).rejects.toMatchObject({ code: 'clock-unavailable' });
});

test('packets are read with the layout of their utterance', () => {
  const packets: SpeechPacket[] = [];
  client.on('packet', (packet) => packets.push(packet));
  room.receive(MessageType.speech, PACKET_BYTES);
  expect(client.stats).toEqual({ malformed: 0, unannounced: 1 });
  const utterances: UtteranceMessage[] = [];
  client.on('utterance', (message) => utterances.push(message));
  room.receive('parley:utterance', UTTERANCE);
  room.receive(MessageType.speech, PACKET_BYTES);
  expect(utterances).toEqual([UTTERANCE]);
  expect(packets).toEqual([PACKET]);
});

test('malformed bytes and messages are counted and dropped', () => {
  const listener = vi.fn();
  for (const event of ['utterance', 'packet', 'stop', 'transcript', 'notice'] as const)
    client.on(event, listener);
  room.receive('parley:utterance', { ...UTTERANCE, heads: 0 });
  room.receive('parley:utterance', { ...UTTERANCE, codec: 'mp3' });
  room.receive('parley:utterance', { ...UTTERANCE, startMs: Number.NaN });
  room.receive('parley:stop', { npc: 'mira', utterance: 9 });
  room.receive('parley:transcript', null);
  room.receive('parley:notice', 'busy');
  room.receive(MessageType.speech, { not: 'bytes' });
  room.receive(MessageType.speech, PACKET_BYTES.slice(0, 5));
  expect(listener).not.toHaveBeenCalled();
  expect(client.stats).toEqual({ malformed: 8, unannounced: 0 });
});

test('a listener that throws is the host’s own fault and is not swallowed', () => {
  client.on('notice', () => {
    throw new TypeError('bug');
  });
  expect(() => room.receive('parley:notice', { code: 'busy', message: 'Wait.' })).toThrow('bug');
});

test('stop, transcript and notice come as they were sent, until one stops listening', () => {
  const seen: unknown[] = [];
  const stop = { npc: 'mira', utterance: 9, endSample: 4_800 };
  const transcript = { npc: 'mira', speakerId: '', text: 'Hello.', final: true };
  const notice = { code: 'busy', message: 'Wait.' };
  client.on('stop', (message) => seen.push(message));
  client.on('transcript', (message) => seen.push(message));
  const off = client.on('notice', (message) => seen.push(message));
  room.receive('parley:stop', stop);
  room.receive('parley:transcript', transcript);
  room.receive('parley:notice', notice);
  off();
  room.receive('parley:notice', notice);
  expect(seen).toEqual([stop, transcript, notice]);
});

test('say, listen and the microphone go out', () => {
  room.sent.length = 0;
  client.say('Where is the rose garden?');
  client.say('And the pond?', 'mira');
  client.listen(true);
  client.listen(false, 'mira', 'push');
  const frame = { codec: 'pcm16', seq: 1, startSample: 320, payload: new Uint8Array(640) } as const;
  expect(client.sendMicrophone(frame)).toBe(true);
  expect(room.sent.slice(0, 4)).toEqual([
    ['parley:say', { text: 'Where is the rose garden?' }],
    ['parley:say', { npc: 'mira', text: 'And the pond?' }],
    ['parley:listen', { on: true }],
    ['parley:listen', { npc: 'mira', on: false, mode: 'push' }],
  ]);
  const [type, bytes] = room.sent[4];
  expect(type).toBe(MessageType.microphone);
  expect(readMicrophonePacket(bytes as Uint8Array)).toEqual(frame);
});

test('while the connection is down, sound is dropped and words are refused', () => {
  room.connection.isOpen = false;
  room.sent.length = 0;
  const frame = { codec: 'opus', seq: 0, startSample: 0, payload: Uint8Array.of(1) } as const;
  expect(client.sendMicrophone(frame)).toBe(false);
  for (const attempt of [() => client.say('Hello?'), () => client.listen(true)])
    expect(attempt).toThrow(expect.objectContaining({ code: 'not-connected' }));
  expect(room.sent).toEqual([]);
});

test('npcs are told when they change, and only then', () => {
  const npc = { id: 'mira', index: 0, name: 'Mira', title: 'guide', head: 'mira', x: 1, y: 0, z: 2, yaw: 0 };
  const rest = { status: 'idle', lookAt: '', caption: '', speakerId: '', utterance: 0 };
  const changes = vi.fn();
  client.on('npcs', changes);
  expect(client.npcs).toEqual([]);
  room.state = { parley: { npcs: new Map([['mira', { ...npc, ...rest, ofTheHost: 1 }]]) } };
  room.onStateChange.emit();
  expect(client.npcs).toEqual([{ ...npc, ...rest }]);
  room.onStateChange.emit();
  expect(changes).toHaveBeenCalledTimes(1);
  room.state.parley.npcs.get('mira').status = 'thinking';
  room.onStateChange.emit();
  expect(changes).toHaveBeenCalledTimes(2);
  expect(client.npcs[0].status).toBe('thinking');
});

test('after close nothing is heard or sent, and the room is left alone', () => {
  const listener = vi.fn();
  client.on('notice', listener);
  client.close();
  room.sent.length = 0;
  expect(room.receive('parley:notice', { code: 'busy', message: 'Wait.' })).toBe(0);
  room.onReconnect.emit();
  expect(listener).not.toHaveBeenCalled();
  expect(() => client.say('Hello?')).toThrow(expect.objectContaining({ code: 'not-connected' }));
  expect(room.sent).toEqual([]);
});
