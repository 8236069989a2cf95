import { expect, test } from 'vitest';
import {
  ParleyError,
  readMicrophonePacket,
  readSpeechPacket,
  type SpeechPacket,
  writeMicrophonePacket,
  writeSpeechPacket,
} from '../../src/index.ts';
import { randomBytes, seededRandom } from '../seeded-random.ts';

/** Reads bytes; anything but a packet or a `malformed-packet` fails the test. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ParleyError && error.code === 'malformed-packet') return undefined;
    throw error;
  }
}

test('random bytes are a packet or malformed, nothing else (seed 11)', () => {
  const random = seededRandom(11);
  for (let i = 0; i < 20_000; i++) {
    const bytes = randomBytes(random, Math.floor(random() * 80));
    // Most must get past the version.
    if (bytes.length > 0 && random() < 0.9) bytes[0] = 1;
    const layout = { heads: 1 + Math.floor(random() * 8), classes: 2 + Math.floor(random() * 255) };
    attempt(() => readMicrophonePacket(bytes));
    attempt(() => readSpeechPacket(bytes, layout));
  }
});

test('random packets come back as they were (seed 12)', () => {
  const random = seededRandom(12);
  const below = (n: number) => Math.floor(random() * n);
  for (let i = 0; i < 2_000; i++) {
    const layout = { heads: 1 + below(32), classes: 2 + below(255) };
    const codeFrames = below(6);
    const codesOnly = random() < 0.1;
    const speech: SpeechPacket = {
      first: random() < 0.5,
      last: random() < 0.5,
      codesOnly,
      npcIndex: below(2 ** 16),
      utterance: below(2 ** 32),
      startSample: below(2 ** 32),
      codes: Uint8Array.from({ length: codeFrames * layout.heads }, () => below(layout.classes)),
      codeFrames,
      audio: codesOnly ? [] : Array.from({ length: below(6) }, () => randomBytes(random, 1 + below(100))),
    };
    expect(readSpeechPacket(writeSpeechPacket(speech, layout), layout)).toEqual(speech);
    const microphone = {
      codec: random() < 0.5 ? ('pcm16' as const) : ('opus' as const),
      seq: below(2 ** 16),
      startSample: below(2 ** 32),
      payload: randomBytes(random, 2 * (1 + below(900))),
    };
    expect(readMicrophonePacket(writeMicrophonePacket(microphone))).toEqual(microphone);
  }
});

test('packets with flipped bits, cuts and tails are a packet or malformed (seed 13)', () => {
  const random = seededRandom(13);
  const layout = { heads: 12, classes: 100 };
  const packet: SpeechPacket = {
    first: false,
    last: false,
    codesOnly: false,
    npcIndex: 1,
    utterance: 2,
    startSample: 4800,
    codes: Uint8Array.from({ length: 36 }, (_, i) => i),
    codeFrames: 3,
    audio: Array.from({ length: 5 }, () => randomBytes(random, 60)),
  };
  const good = writeSpeechPacket(packet, layout);
  let survived = 0;
  for (let i = 0; i < 20_000; i++) {
    let bytes = good.slice();
    for (let flips = Math.floor(random() * 4); flips > 0; flips--)
      bytes[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8);
    if (random() < 0.3) bytes = bytes.slice(0, Math.floor(random() * bytes.length));
    if (attempt(() => readSpeechPacket(bytes, layout))) survived++;
  }
  expect(survived).toBeGreaterThan(1_000);
  expect(survived).toBeLessThan(19_000);
});
