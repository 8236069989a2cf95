import { expect, test } from 'vitest';
import { asksToForget, noticeFacts } from '../../src/memory/notice-facts.ts';

test.each([
  ['My name is Ada.', 'Ada', []],
  ['hi, my name is ada and i am from Oslo', 'Ada', ['You are from Oslo.']],
  [
    "I'm Ben. I live in a small town, and my dog is called Rex.",
    'Ben',
    ['You live in a small town.', 'Your dog is called Rex.'],
  ],
  ['I love comets!', null, ['You love comets.']],
  [
    'I am a teacher and my favourite planet is Saturn.',
    null,
    ['You are a teacher.', 'Your favourite planet is Saturn.'],
  ],
  ['Remember that my sister plays the harp.', null, ['Your sister plays the harp.']],
  ['Is my name Ada? Am I from Oslo?', null, []],
  ['My password is hunter2.', null, []],
  ['I am sorry, I am a bit late.', null, []],
  ['When do you close?', null, []],
])('what a visitor tells of themselves: %j', (text, name, facts) => {
  expect(noticeFacts(text)).toEqual({ name, facts });
});

test.each([
  ['Please forget me.', true],
  ['Forget everything you know about me!', true],
  ['Can you delete my data?', true],
  ["Don't forget the telescope.", false],
  ['I forget what I wanted to ask.', false],
])('who wants to be forgotten: %j', (text, asks) => {
  expect(asksToForget(text)).toBe(asks);
});
