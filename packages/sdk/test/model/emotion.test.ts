import { expect, test } from 'vitest';
import { checkEmotion, OCC_EMOTIONS, parseEmotion } from '../../src/index.ts';

test('there are 22 emotions, each once', () => {
  expect(new Set(OCC_EMOTIONS).size).toBe(22);
});

test('an emotion is written with or without its intensity', () => {
  expect(parseEmotion('joy:0.3')).toEqual({ name: 'joy', intensity: 0.3 });
  expect(parseEmotion(' fears-confirmed : 1 ')).toEqual({ name: 'fears-confirmed', intensity: 1 });
  expect(parseEmotion('anger')).toEqual({ name: 'anger', intensity: 1 });
});

test.each([
  ['happiness:1', /no emotion "happiness". Known are: joy, distress/],
  ['', /no emotion ""/],
  ['joy:', /such as joy:0.3/],
  ['joy:1:2', /such as joy:0.3/],
  ['joy:much', /such as joy:0.3/],
  ['joy:1.5', /not 1.5/],
  ['joy:-0.1', /not -0.1/],
])('%j is refused', (text, message) => {
  expect(() => parseEmotion(text)).toThrow(RangeError);
  expect(() => parseEmotion(text)).toThrow(message);
});

test('the intensity is checked', () => {
  expect(checkEmotion({ name: 'hate', intensity: 0 })).toEqual({ name: 'hate', intensity: 0 });
  expect(() => checkEmotion({ name: 'hate', intensity: Number.NaN })).toThrow(RangeError);
});
