import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Engines, Tts } from '../../src/engines/contracts.ts';
import { createEngines } from '../../src/engines/create-engines.ts';
import { readPersona } from '../../src/persona/read-persona.ts';
import { ownFaceManifest } from '../../src/room/own-face-manifest.ts';
import { Humming } from '../../src/turn/humming.ts';
import { type HumVoice, humWords, makeHums } from '../../src/turn/hums.ts';
import type { NpcVoiceOptions } from '../../src/turn/npc-voice.ts';
import { TIMEOUT_DEFAULTS } from '../../src/turn/watchdog.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';

const PERSONA = 'name: Mira\ntitle: guide\ngreeting: Hello.\n';
const SCRIPTED_CODEC = { layout: { heads: 8, classes: 16 }, fps: 30, neutral: new Uint8Array(8) };

function voiceOf(engines: Pick<Engines, 'tts' | 'face'>, more: Partial<HumVoice> = {}): HumVoice {
  const { tts, face } = engines;
  return {
    tts,
    face,
    pitch: 1,
    words: ['Mhm.', 'Uh-huh.'],
    codec: SCRIPTED_CODEC,
    timeouts: TIMEOUT_DEFAULTS,
    ...more,
  };
}

function loudest(pcm: Float32Array): number {
  return pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

test('a voice hums once for all who have it, quieter than it speaks, with its face', async () => {
  const engines = scriptedEngines({ msPerCharacter: 60 });
  const [first, again] = await Promise.all([makeHums(voiceOf(engines)), makeHums(voiceOf(engines))]);
  expect(again).toBe(first);
  expect(engines.log.clauses).toEqual(['Mhm.', 'Uh-huh.']);
  expect(first).toHaveLength(2);
  // Four characters of 60 ms.
  expect(first[0].soundsMs).toBeGreaterThan(200);
  expect(first[0].soundsMs).toBeLessThan(260);
  expect(first[0].blocks.at(-1)?.last).toBe(true);
  for (const { codes, codeFrames, audio } of first[0].blocks) {
    expect(codeFrames).toBe(3);
    expect(codes).toHaveLength(24);
    expect(audio).toHaveLength(5);
  }
  // The voice has 0.1.
  expect(Math.max(...first[0].blocks.map(({ voice }) => loudest(voice)))).toBeCloseTo(0.045, 2);
  await makeHums(voiceOf(engines, { pitch: 1.2 }));
  expect(engines.log.clauses).toHaveLength(4);
});

test('what a voice is silent after a hum is left out, but for the face to come to rest', async () => {
  const { tts, face } = scriptedEngines({ msPerCharacter: 60 });
  const slow: Tts = {
    async *speak(clauses, signal) {
      for await (const part of tts.speak(clauses, signal)) {
        const pcm = new Float32Array(part.pcm.length + 2 * part.rateHz);
        pcm.set(part.pcm);
        yield { ...part, pcm };
      }
    },
  };
  const [hum] = await makeHums(voiceOf({ tts: slow, face }));
  expect(hum.soundsMs).toBeLessThan(260);
  expect(hum.blocks).toHaveLength(5);
  expect(hum.blocks.map(({ last }) => last)).toEqual([false, false, false, false, true]);
});

test('what is too long is not hummed, and a voice that failed is asked again', async () => {
  const slow = scriptedEngines({ msPerCharacter: 260 });
  expect(await makeHums(voiceOf(slow))).toHaveLength(1);
  let fails = true;
  const { tts, face } = scriptedEngines();
  const moody: Tts = {
    speak: (clauses, signal) => {
      if (fails) throw new Error('no voice today');
      return tts.speak(clauses, signal);
    },
  };
  expect(await makeHums(voiceOf({ tts: moody, face }))).toEqual([]);
  fails = false;
  expect(await makeHums(voiceOf({ tts: moody, face }))).toHaveLength(2);
});

test('a persona hums in its language, in its own words, or not at all', () => {
  const read = (more: string) => readPersona(PERSONA + more, 'mira');
  const words = (more: string) => {
    const { hums, languages } = read(more);
    return humWords(hums, languages[0]);
  };
  expect(words('')).toContain('Mhm.');
  expect(words('languages: [es]')).toContain('Ajá.');
  expect(words('languages: [ja]')).toEqual(words(''));
  expect(words('hums: false')).toEqual([]);
  expect(words('hums: [Aye, I see]')).toEqual(['Aye', 'I see']);
  expect(() => read('hums: [Once upon a time there was a king]')).toThrow(/hums/u);
});

/** An NPC's hums alone, and what they send. */
function humming(more: { readonly msPerCharacter?: number } = {}) {
  const engines = scriptedEngines({ msPerCharacter: 60, ...more });
  const sent: string[] = [];
  let nowMs = 0;
  const options = {
    persona: readPersona(PERSONA, 'mira'),
    engines,
    tts: engines.tts,
    codec: SCRIPTED_CODEC,
    timeouts: TIMEOUT_DEFAULTS,
    leadMs: 120,
    nowMs: () => nowMs,
    output: {
      begin: (startMs: number, details: object) => {
        sent.push(`begin ${startMs} ${JSON.stringify(details)}`);
        return 1;
      },
      send: ({ startSample }: { readonly startSample: number }) => sent.push(`block ${startSample}`),
      stop: (endSample: number) => sent.push(`stop ${endSample}`),
      end: () => sent.push('end'),
      duck: () => sent.push('duck'),
    },
  } as unknown as NpcVoiceOptions;
  return {
    humming: new Humming(options),
    sent,
    at: (ms: number) => {
      nowMs = ms;
    },
    ready: () => makeHums(voiceOf(engines)),
  };
}

test('a hum is sent whole and announced as one; the next comes six seconds later at the earliest', async () => {
  const { humming: hums, sent, at, ready } = humming();
  expect(hums.begin(1_000)).toBe(false);
  hums.prepare();
  await ready();
  expect(hums.begin(1_000)).toBe(true);
  expect(sent.slice(0, 2)).toEqual(['begin 120 {"backchannel":true}', 'block 0']);
  at(500);
  expect(hums.begin(1_000)).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(sent.at(-1)).toBe('end');
  at(5_900);
  expect(hums.begin(1_000)).toBe(false);
  at(6_001);
  expect(hums.begin(1_000)).toBe(true);
  hums.stop();
});

test('a hum that would not be over in time is left out', async () => {
  const { humming: hums, ready } = humming();
  hums.prepare();
  await ready();
  expect(hums.begin(300)).toBe(false);
  // "Mhm." takes 240 ms and begins after 120.
  expect(hums.begin(400)).toBe(true);
  hums.stop();
});

test('a hum falls silent at once when something is to be said', async () => {
  const { humming: hums, sent, at, ready } = humming();
  hums.prepare();
  await ready();
  hums.begin(1_000);
  at(170);
  hums.stop();
  // 50 ms of it have played; 120 ms later it is over.
  expect(sent.slice(-2)).toEqual(['stop 4080', 'end']);
  hums.stop();
  expect(sent.filter((line) => line === 'end')).toHaveLength(1);
});

describe('with the real voice and the real face', () => {
  let engines: Engines;
  beforeAll(async () => {
    engines = await createEngines();
  }, 120_000);
  afterAll(async () => {
    await engines?.close();
  });

  it('hums for less than a second, quietly, with lips that move', async () => {
    const { codec } = ownFaceManifest();
    const neutral = Uint8Array.from(codec.neutral);
    const real = voiceOf(engines, { pitch: 1.14, codec: { layout: codec, fps: codec.fps, neutral } });
    const hums = await makeHums(real);
    expect(hums).toHaveLength(2);
    for (const { blocks, soundsMs } of hums) {
      expect(soundsMs).toBeGreaterThan(180);
      expect(soundsMs).toBeLessThan(650);
      expect(blocks.length).toBeLessThan(10);
      const most = Math.max(...blocks.map(({ voice }) => loudest(voice)));
      expect(most).toBeGreaterThan(0.05);
      expect(most).toBeLessThan(0.5);
      const frames = new Set<string>();
      for (const { codes, codeFrames } of blocks)
        for (let frame = 0; frame < codeFrames; frame++)
          frames.add(codec.lipHeads.map((head: number) => codes[frame * codec.heads + head]).join(' '));
      expect(frames.size).toBeGreaterThan(4);
    }
  });
});
