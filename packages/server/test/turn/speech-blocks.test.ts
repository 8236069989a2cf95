import { Decoder } from '@evan/opus';
import { expect, test } from 'vitest';
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
