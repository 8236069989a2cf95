import { Decoder } from '@evan/opus';
import { expect, test } from 'vitest';
import type { FaceAudio, FaceEncodeOptions, FaceEncoder, TtsPart } from '../../src/engines/contracts.ts';
import { type ClauseSpan, type SpeechBlock, speechBlocks } from '../../src/speech/speech-blocks.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';

const OPTIONS = {
  face: scriptedEngines().face,
  seed: 1,
  layout: { heads: 8, classes: 16 },
  fps: 30,
  neutral: new Uint8Array(8),
  patience: { firstMs: 2_000, nextMs: 2_000 },
  pitch: 1,
  headroomMs: () => Number.POSITIVE_INFINITY,
};

async function make(pieces: readonly { pcm: Float32Array; rateHz: number }[], pitch = 1) {
  async function* parts() {
    for (const [index, piece] of pieces.entries()) yield { ...piece, text: `clause ${index}` };
  }
  const clauses: ClauseSpan[] = [];
  const blocks: SpeechBlock[] = [];
  const options = { ...OPTIONS, pitch, onClause: (clause: ClauseSpan) => clauses.push(clause) };
  for await (const block of speechBlocks(parts(), options, AbortSignal.timeout(10_000))) blocks.push(block);
  return { clauses, blocks };
}

/** A chirp: correlates with itself at one lag only. */
function chirp(rateHz: number, durationS: number): Float32Array {
  return Float32Array.from({ length: rateHz * durationS }, (_, i) => {
    const s = i / rateHz;
    return 0.4 * Math.sin(2 * Math.PI * (200 * s + 900 * s * s));
  });
}

test('blocks are whole, in order, and the last one says so', async () => {
  const { blocks, clauses } = await make([
    { pcm: chirp(22_050, 0.5), rateHz: 22_050 },
    { pcm: chirp(24_000, 0.33), rateHz: 24_000 },
  ]);
  expect(clauses).toEqual([
    { text: 'clause 0', startSample: 0, endSample: 12_000 },
    { text: 'clause 1', startSample: 12_000, endSample: 19_920 },
  ]);
  // 0.83 s of speech and 0.1 s of silence, rounded up to tenths.
  expect(blocks.map(({ startSample }) => startSample)).toEqual(
    Array.from({ length: 10 }, (_, i) => i * 2400),
  );
  expect(
    blocks.every(
      ({ codes, codeFrames, audio }) => codes.length === 24 && codeFrames === 3 && audio.length === 5,
    ),
  ).toBe(true);
  expect(blocks.map(({ first }) => first).indexOf(true, 1)).toBe(-1);
  expect(blocks.map(({ last }) => last).indexOf(true)).toBe(9);
});

test('the decoded voice lies exactly where the codes expect it', async () => {
  const speech = chirp(24_000, 1);
  const { blocks } = await make([{ pcm: speech, rateHz: 24_000 }]);
  const decoder = new Decoder({ channels: 1, sample_rate: 24_000 });
  const heard = blocks.flatMap(({ audio }) =>
    audio.flatMap((frame) => {
      const bytes = decoder.decode(frame).slice();
      return [...new Int16Array(bytes.buffer)];
    }),
  );
  let best = { lag: Number.NaN, score: Number.NEGATIVE_INFINITY };
  for (let lag = -300; lag <= 300; lag++) {
    let score = 0;
    for (let i = 4_000; i < 16_000; i++) score += speech[i] * (heard[i + lag] ?? 0);
    if (score > best.score) best = { lag, score };
  }
  expect(Math.abs(best.lag)).toBeLessThanOrEqual(2);
});

test.each([1, 1.02])('clauses shorter than a block come through, at pitch %d', async (pitch) => {
  const { blocks, clauses } = await make(
    [
      { pcm: chirp(22_050, 0.116), rateHz: 22_050 },
      { pcm: chirp(22_050, 0.056), rateHz: 22_050 },
    ],
    pitch,
  );
  expect(clauses).toHaveLength(2);
  expect(blocks.map(({ last }) => last)).toEqual([false, false, true]);
});

test('a voice that comes in crumbs comes through', async () => {
  const crumbs = Array.from({ length: 100 }, () => ({ pcm: chirp(24_000, 0.005), rateHz: 24_000 }));
  const { blocks } = await make(crumbs);
  expect(blocks).toHaveLength(6);
  expect(blocks.every(({ voice }) => voice.length === 2400)).toBe(true);
});

test('a higher voice is a faster one', async () => {
  const { clauses } = await make([{ pcm: chirp(22_050, 1), rateHz: 22_050 }], 1.14);
  expect(clauses[0].endSample).toBe(Math.round((22_050 * 24_000) / 25_250));
});

test('no speech, no block', async () => {
  expect((await make([])).blocks).toEqual([]);
});

test('a voice that fails ends the blocks with its error', async () => {
  async function* parts() {
    yield { pcm: chirp(24_000, 0.5), rateHz: 24_000, text: 'one' };
    throw new Error('no voice');
  }
  const blocks: SpeechBlock[] = [];
  const run = async () => {
    for await (const block of speechBlocks(
      parts(),
      { ...OPTIONS, onClause: () => {} },
      AbortSignal.timeout(5_000),
    ))
      blocks.push(block);
  };
  await expect(run()).rejects.toThrow('no voice');
  expect(blocks.length).toBeGreaterThan(0);
});

/** A face encoder that notes what it hears. */
function listeningFace() {
  const heard: FaceAudio[] = [];
  const asked: FaceEncodeOptions[] = [];
  const { face } = scriptedEngines();
  const listening: FaceEncoder = {
    encode(input, options, signal) {
      asked.push(options);
      async function* noted() {
        for await (const piece of input) {
          heard.push(piece);
          yield piece;
        }
      }
      return face.encode(noted(), options, signal);
    },
  };
  return { face: listening, heard, asked };
}

const pcmOf = (piece: FaceAudio) => (piece instanceof Float32Array ? piece : piece.pcm);

test('phones reach the face with their clause, at 24 kHz to the sample, and silence as silence', async () => {
  const { face, heard } = listeningFace();
  const phones = [
    { phone: 'm', stress: 0, startSample: 0, endSample: 2205 },
    { phone: 'æ', stress: 1, startSample: 2205, endSample: 6617 },
    { phone: 'p', stress: 0, startSample: 6617, endSample: 11_025 },
  ] as const;
  async function* parts(): AsyncGenerator<TtsPart> {
    yield { text: 'map', pcm: chirp(22_050, 0.5), rateHz: 22_050, phones };
    yield { text: 'a noise', pcm: chirp(24_000, 0.3), rateHz: 24_000 };
  }
  const clauses: ClauseSpan[] = [];
  const options = { ...OPTIONS, face, onClause: (clause: ClauseSpan) => clauses.push(clause) };
  const blocks: SpeechBlock[] = [];
  for await (const block of speechBlocks(parts(), options, AbortSignal.timeout(10_000))) blocks.push(block);
  expect(clauses.map(({ endSample }) => endSample)).toEqual([12_000, 19_200]);
  // The whole clauses, and after a voice without phones a silence without any.
  expect(heard.map((piece) => pcmOf(piece).length)).toEqual(
    [12_000, 7200, 2400, 0, 0].slice(0, heard.length),
  );
  expect(heard.map((piece) => !(piece instanceof Float32Array))).toEqual([true, false, false]);
  const [first] = heard;
  expect(first instanceof Float32Array ? [] : first.phones).toEqual([
    { phone: 'm', stress: 0, startSample: 0, endSample: 2400 },
    { phone: 'æ', stress: 1, startSample: 2400, endSample: 7202 },
    { phone: 'p', stress: 0, startSample: 7202, endSample: 12_000 },
  ]);
  expect(blocks).toHaveLength(9);
});

test('after a voice with phones silence says that it is one; a higher voice has earlier phones', async () => {
  const { face, heard } = listeningFace();
  async function* parts(): AsyncGenerator<TtsPart> {
    const phones = [{ phone: 'm', startSample: 0, endSample: 22_050 }];
    yield { text: 'm', pcm: chirp(22_050, 1), rateHz: 22_050, phones };
  }
  const options = { ...OPTIONS, face, pitch: 1.14, onClause: () => {} };
  for await (const _ of speechBlocks(parts(), options, AbortSignal.timeout(10_000)));
  const ends = heard.map((piece) => (piece instanceof Float32Array ? null : piece.phones.at(-1)?.endSample));
  expect(ends).toEqual([Math.round((22_050 * 24_000) / 25_250), undefined, undefined]);
});

test('the emotion is asked for when the first clause is there', async () => {
  const { face, asked } = listeningFace();
  let mood: { name: 'joy' | 'anger'; intensity: number } = { name: 'joy', intensity: 0.3 };
  async function* parts(): AsyncGenerator<TtsPart> {
    await Promise.resolve();
    mood = { name: 'anger', intensity: 1 };
    yield { text: 'one', pcm: chirp(24_000, 0.2), rateHz: 24_000 };
  }
  const options = { ...OPTIONS, face, emotion: () => mood, onClause: () => {} };
  for await (const _ of speechBlocks(parts(), options, AbortSignal.timeout(10_000)));
  expect(asked).toEqual([{ seed: 1, emotion: { name: 'anger', intensity: 1 } }]);
});

test('an abort ends the blocks while a long clause is on its way', async () => {
  const controller = new AbortController();
  async function* parts(): AsyncGenerator<TtsPart> {
    yield { text: 'long', pcm: chirp(24_000, 20), rateHz: 24_000, phones: [] };
  }
  const run = async () => {
    const options = { ...OPTIONS, onClause: () => {} };
    for await (const block of speechBlocks(parts(), options, controller.signal))
      if (block.startSample === 4800) controller.abort(new Error('barge-in'));
  };
  await expect(run()).rejects.toThrow('barge-in');
});

test('a slow listener holds the voice back to two seconds and the clause that is on its way', async () => {
  let spoken = 0;
  async function* parts(): AsyncGenerator<TtsPart> {
    for (; spoken < 60; spoken++) yield { text: `clause ${spoken}`, pcm: chirp(24_000, 1), rateHz: 24_000 };
  }
  const options = { ...OPTIONS, onClause: () => {} };
  const blocks = speechBlocks(parts(), options, AbortSignal.timeout(20_000));
  await blocks.next();
  for (let i = 0; i < 200; i++) await new Promise(setImmediate);
  expect(spoken).toBeLessThan(8);
  let count = 1;
  for await (const _ of blocks) count++;
  expect(count).toBe(601);
});
