import { expect, test } from 'vitest';
import { splitClauses } from '../../src/turn/clause-splitter.ts';

async function split(text: string, size = 3): Promise<string[]> {
  async function* deltas() {
    for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
  }
  const clauses: string[] = [];
  for await (const clause of splitClauses(deltas())) clauses.push(clause);
  return clauses;
}

test.each([
  ['We close at six. Come again!', ['We close at six.', 'Come again!']],
  ['Yes, of course.', ['Yes, of course.']],
  [
    'A ticket costs eight euros, and children come in free.',
    ['A ticket costs eight euros,', 'and children come in free.'],
  ],
  ['It weighs 3.5 kilograms. Dr. Vale found it.', ['It weighs 3.5 kilograms.', 'Dr. Vale found it.']],
  [
    'We open at ten in the morning and close at midnight, when it is dark and the stars are best.',
    ['We open at ten in the morning', 'and close at midnight, when it is dark and the stars are best.'],
  ],
  ['One\n\nTwo', ['One', 'Two']],
  ['टिकट आठ रुपये का है। आइए!', ['टिकट आठ रुपये का है।', 'आइए!']],
  ['“Look up!” he said. “Now.”', ['“Look up!”', 'he said.', '“Now.”']],
  [' ... ', []],
  ['', []],
])('%j', async (text, clauses) => {
  expect(await split(text)).toEqual(clauses);
  expect(await split(text, 1)).toEqual(clauses);
  expect((await split(text, 100)).join(' ')).toBe(clauses.join(' '));
});

test('text without any punctuation is cut at spaces', async () => {
  const clauses = await split('word '.repeat(100));
  expect(clauses.length).toBeGreaterThan(2);
  expect(Math.max(...clauses.map((clause) => clause.length))).toBeLessThanOrEqual(180);
  expect(clauses.join(' ')).toBe('word '.repeat(100).trim());
});

test('the first clause does not wait for the end of the answer', async () => {
  let asked = 0;
  async function* deltas() {
    for (const delta of ['Hello', ' there', '. ', 'This', ' is', ' long.']) {
      asked++;
      yield delta;
    }
  }
  for await (const clause of splitClauses(deltas())) {
    expect(clause).toBe('Hello there.');
    expect(asked).toBe(3);
    break;
  }
});
