import { expect, test } from 'vitest';
import { WhisperVocabulary } from '../../src/engines/asr/whisper-vocabulary.ts';
import { resolveWeights } from '../../src/weights/index.ts';

test('Hindi is written in Devanagari, English with whatever there is', async () => {
  const weights = await resolveWeights(['whisper-base-vocabulary', 'whisper-base-config']);
  const vocabulary = await WhisperVocabulary.load(
    weights.get('whisper-base-vocabulary')!,
    weights.get('whisper-base-config')!,
  );
  expect(vocabulary.foreignTo('en').size).toBe(0);
  const foreign = vocabulary.foreignTo('hi');
  const texts = { allowed: '', shutOut: '' };
  for (let id = 0; id < vocabulary.tokens.endOfText; id++)
    texts[foreign.has(id) ? 'shutOut' : 'allowed'] += vocabulary.text([id]);
  for (const letter of 'कखगघचछजझटठडढतथदधनपफबभमयरलवशषसह' + 'ािीुूेैोौंँ') {
    expect(texts.shutOut).not.toContain(letter);
  }
  expect(texts.allowed).toMatch(/[करनह]/u);
  expect(texts.allowed).not.toMatch(/[a-zA-Zéا-يа-я]/u);
  expect(texts.shutOut).toMatch(/[a-z]/u);
});
