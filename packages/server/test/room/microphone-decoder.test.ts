import { Encoder } from '@evan/opus';
import { writeMicrophonePacket } from '@parley/sdk';
import { expect, test } from 'vitest';
import { MicrophoneDecoder } from '../../src/room/microphone-decoder.ts';

function pcmPacket(seq: number, value = 0.5): Uint8Array {
  const frame = new Int16Array(320).fill(value * 32768);
  return writeMicrophonePacket({
    codec: 'pcm16',
    seq: seq & 0xffff,
    startSample: seq * 320,
    payload: new Uint8Array(frame.buffer),
  });
}

test('lost frames are replaced by ever quieter repetitions, and counted', () => {
  const decoder = new MicrophoneDecoder();
  decoder.receive(pcmPacket(10));
  const frames = decoder.receive(pcmPacket(13, 0.25));
  expect(frames.map((frame) => frame[0])).toEqual([0.25, 0.125, 0.25]);
  expect(decoder.stats).toEqual({ received: 2, malformed: 0, late: 0, lost: 2 });
});

test('late and repeated frames are dropped; sequence numbers wrap', () => {
  const decoder = new MicrophoneDecoder();
  expect(decoder.receive(pcmPacket(65_535))).toHaveLength(1);
  expect(decoder.receive(pcmPacket(65_536))).toHaveLength(1);
  expect(decoder.receive(pcmPacket(65_535))).toHaveLength(0);
  expect(decoder.receive(pcmPacket(65_536))).toHaveLength(0);
  expect(decoder.stats).toMatchObject({ received: 2, late: 2, lost: 0 });
});

test('a long gap is a pause of the sender: nothing is made up', () => {
  const decoder = new MicrophoneDecoder();
  decoder.receive(pcmPacket(0));
  expect(decoder.receive(pcmPacket(100))).toHaveLength(1);
  expect(decoder.stats.lost).toBe(99);
});

test('Opus becomes 16 kHz PCM, whatever rate and channels it was made of', () => {
  for (const [rate, channels, codec] of [
    [16_000, 1, 'mono'],
    [48_000, 2, 'stereo'],
  ] as const) {
    const encoder = new Encoder({ channels, sample_rate: rate, application: 'voip' });
    const decoder = new MicrophoneDecoder();
    let energy = 0;
    for (let seq = 0; seq < 10; seq++) {
      const frame = Int16Array.from({ length: (rate / 50) * channels }, (_, i) =>
        Math.round(
          8_000 * Math.sin(((Math.floor(i / channels) + (seq * rate) / 50) * 2 * Math.PI * 300) / rate),
        ),
      );
      const payload = encoder.encode(frame).slice();
      const [pcm] = decoder.receive(
        writeMicrophonePacket({ codec: 'opus', seq, startSample: seq * 320, payload }),
      );
      expect(pcm, codec).toHaveLength(320);
      energy += pcm.reduce((sum, sample) => sum + sample * sample, 0);
    }
    expect(Math.sqrt(energy / 3_200), codec).toBeGreaterThan(0.1);
  }
});

test('what is no packet is counted and makes no sound', () => {
  const decoder = new MicrophoneDecoder();
  const opus = (payload: Uint8Array) =>
    writeMicrophonePacket({ codec: 'opus', seq: 0, startSample: 0, payload });
  for (const bytes of [
    new Uint8Array(0),
    Uint8Array.of(9, 9, 9),
    pcmPacket(0).subarray(0, 8),
    opus(Uint8Array.of(255)),
  ])
    expect(decoder.receive(bytes)).toEqual([]);
  expect(decoder.stats.malformed).toBe(4);
  expect(decoder.receive(pcmPacket(0))).toHaveLength(1);
});
