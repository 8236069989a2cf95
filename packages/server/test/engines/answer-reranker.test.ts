import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WordPieces } from '../../src/engines/embed/word-pieces.ts';
import { AnswerReranker } from '../../src/engines/rerank/answer-reranker.ts';
import { modelsPath } from '../../src/models-folder.ts';
import { resolveWeights } from '../../src/weights/index.ts';

/** Inputs that models/answers.py made, with its pieces and what ONNX Runtime makes of them in Python. */
interface Fixture {
  readonly question: string;
  readonly candidates: readonly { readonly text: string; readonly context: string }[];
  readonly pieces: readonly (readonly number[])[];
  readonly logits: readonly number[];
}

const signal = new AbortController().signal;
const vocabularyPath = modelsPath('exports/minilm/vocabulary.txt');
let fixtures: readonly Fixture[];
let reranker: AnswerReranker;

beforeAll(async () => {
  fixtures = JSON.parse(await readFile(modelsPath('exports/fixtures/answers.json'), 'utf8'));
  const weights = await resolveWeights(['minilm-l6-v2-int8']);
  reranker = await AnswerReranker.load({
    modelPath: modelsPath('exports/answers/answers.onnx'),
    embedderPath: weights.get('minilm-l6-v2-int8')!,
    vocabularyPath,
    device: 'cpu',
    threads: 1,
  });
});
afterAll(() => reranker?.close());

test('texts that are read together are cut into the pieces that training had', async () => {
  const pieces = new WordPieces(await readFile(vocabularyPath, 'utf8'));
  for (const { question, candidates, pieces: expected } of fixtures)
    expect(
      candidates.map(({ text, context }) => pieces.encodeTogether([question, text, context], 80).ids),
    ).toEqual(expected);
});

test('the log-odds are those that the exported graph has in Python', async () => {
  for (const { question, candidates, logits } of fixtures) {
    const found = await reranker.rank(question, candidates, signal);
    expect(found).toHaveLength(logits.length);
    for (const [i, logit] of logits.entries()) expect(found[i]).toBeCloseTo(logit, 1);
  }
});

test.each([
  ['what does it cost for my daughter, she is nine', 1],
  ['how late can I come in the summer', 3],
  ['who keeps the light burning these days', 5],
  ['when did Ida Berg die', -1],
  ['how much is a boat trip', -1],
  ['why is the tower red', -1],
])('%s: sentence %d answers', async (question, expected) => {
  const sentences = [
    'A ticket to the top costs six euros.',
    'Children under twelve climb up for two euros.',
    'From October to April we close at four.',
    'In summer the last visitors may go up at half past eight.',
    'The tower was built by Ida Berg in 1870.',
    'Today Tomas Lind looks after the lamp, as his mother did.',
    'It was painted red in 1903.',
  ];
  const candidates = sentences.map((text) => ({ text, context: 'The lighthouse: ' }));
  const logOdds = [...(await reranker.rank(question, candidates, signal))];
  const best = logOdds.indexOf(Math.max(...logOdds));
  expect(logOdds[best]! > 0 ? best : -1).toBe(expected);
});

test('no candidates are no work, and an aborted question is not begun', async () => {
  expect(await reranker.rank('why', [], signal)).toHaveLength(0);
  await expect(reranker.rank('why', [{ text: 'So.', context: '' }], AbortSignal.abort())).rejects.toThrow();
});
