import { expect, test } from 'vitest';
import type { TtsPart } from '../../src/engines/contracts.ts';
import { rememberSpeech } from '../../src/engines/tts/remember-speech.ts';

function voice() {
  const spoken: string[] = [];
  const tts = rememberSpeech({
    async *speak(clauses, signal) {
      for await (const text of clauses) {
        signal.throwIfAborted();
        spoken.push(text);
        yield { text, pcm: new Float32Array(text.length).fill(1), rateHz: 24_000 };
      }
    },
  });
  return { spoken, tts };
}

async function say(tts: ReturnType<typeof voice>['tts'], ...clauses: string[]): Promise<TtsPart[]> {
  async function* source() {
    yield* clauses;
  }
  const parts: TtsPart[] = [];
  for await (const part of tts.speak(source(), new AbortController().signal)) parts.push(part);
  return parts;
}

test('a first clause that was said before is not synthesised again; what follows is', async () => {
  const { tts, spoken } = voice();
  const [before] = await say(tts, 'A ticket costs eight euros,', 'and children come in free.');
  // Whoever got it may have changed it.
  before!.pcm.fill(0);
  const again = await say(tts, 'A ticket costs eight euros,', 'and dogs too.');
  expect(again.map(({ text }) => text)).toEqual(['A ticket costs eight euros,', 'and dogs too.']);
  expect(again[0]!.pcm[0]).toBe(1);
  expect(spoken).toEqual(['A ticket costs eight euros,', 'and children come in free.', 'and dogs too.']);
});

test('memory is bounded, the newest clauses stay', async () => {
  const { tts, spoken } = voice();
  for (let clause = 0; clause < 80; clause++) await say(tts, `clause ${clause}`);
  spoken.length = 0;
  await say(tts, 'clause 79');
  await say(tts, 'clause 0');
  expect(spoken).toEqual(['clause 0']);
});

test('nothing to say, and an abort', async () => {
  const { tts } = voice();
  expect(await say(tts)).toEqual([]);
  await say(tts, 'Hello.');
  async function* hello() {
    yield 'Hello.';
  }
  const speaking = tts.speak(hello(), AbortSignal.abort(new Error('enough')));
  await expect(speaking[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
});
