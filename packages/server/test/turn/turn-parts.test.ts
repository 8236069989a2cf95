import { expect, test, vi } from 'vitest';
import type { Tts } from '../../src/engines/contracts.ts';
import { chooseAddressee } from '../../src/turn/addressee.ts';
import { say } from '../../src/turn/answer.ts';
import { Channel } from '../../src/turn/channel.ts';
import { ChatHistory } from '../../src/turn/chat-history.ts';
import { heardText } from '../../src/turn/heard-text.ts';
import { looksComplete } from '../../src/turn/looks-complete.ts';
import { PcmRing } from '../../src/turn/pcm-ring.ts';
import { EngineError, TIMEOUT_DEFAULTS, watch } from '../../src/turn/watchdog.ts';

test('a full channel refuses offers and makes senders wait', async () => {
  const channel = new Channel<number>(2);
  expect([channel.offer(1), channel.offer(2), channel.offer(3)]).toEqual([true, true, false]);
  const sending = channel.send(4);
  const got: number[] = [];
  for await (const item of channel) {
    got.push(item);
    if (got.length === 3) channel.close();
  }
  expect(await sending).toBe(true);
  expect(got).toEqual([1, 2, 4]);
  expect(channel.offer(5)).toBe(false);
});

test('a failed channel gives what it holds, then the error', async () => {
  const channel = new Channel<number>(2);
  channel.offer(1);
  channel.fail(new Error('broken'));
  const iterator = channel[Symbol.asyncIterator]();
  expect((await iterator.next()).value).toBe(1);
  await expect(iterator.next()).rejects.toThrow('broken');
});

test('the ring gives back what it still has', () => {
  const ring = new PcmRing(10);
  for (let i = 0; i < 7; i++) ring.write(Float32Array.of(3 * i, 3 * i + 1, 3 * i + 2));
  expect([...ring.read(12, 18)]).toEqual([12, 13, 14, 15, 16, 17]);
  expect([...ring.read(0, 13)]).toEqual([11, 12]);
  expect([...ring.read(19, 40)]).toEqual([19, 20]);
  expect([...ring.read(30, 40)]).toEqual([]);
});

test.each([
  ['Where is the telescope?', true],
  ['Tell me more.', true],
  ['I would like to know the', false],
  ['Well,', false],
  ['So I was thinking...', false],
  ['Is it because?', true],
  ['', false],
])('%j looks complete: %j', (text, complete) => {
  expect(looksComplete(text)).toBe(complete);
});

test('of a clause that was cut, the heard share of its words is remembered', () => {
  const clauses = [
    { text: 'One two three.', startSample: 0, endSample: 3000 },
    { text: 'Four five six seven.', startSample: 3000, endSample: 7000 },
  ];
  expect(heardText(clauses, 9000)).toBe('One two three. Four five six seven.');
  expect(heardText(clauses, 5100)).toBe('One two three. Four five …');
  expect(heardText(clauses, 3100)).toBe('One two three.');
  expect(heardText(clauses, 0)).toBe('');
});

test('history is bounded for each visitor, and forgets what nobody heard', () => {
  const history = new ChatHistory(2);
  for (const n of [1, 2, 3]) history.add('ann', { question: `q${n}`, answer: `a${n}`, atMs: n });
  history.add('ann', { question: 'q4', answer: '', atMs: 4 });
  expect(history.messages('ann').map(({ content }) => content)).toEqual(['q2', 'a2', 'q3', 'a3']);
  expect(history.messages('bob')).toEqual([]);
  for (let i = 0; i < 40; i++) history.add(`visitor ${i}`, { question: 'q', answer: 'a', atMs: 5 });
  expect(history.messages('ann')).toEqual([]);
});

test('what others said is remembered for two minutes, but not as the talk with oneself', () => {
  const history = new ChatHistory(2);
  history.add('ann', { question: 'What is a ticket?', answer: 'Nine euros.', atMs: 0 });
  history.add('bob', { question: 'Where is the door?', answer: 'Behind you.', atMs: 100_000 });
  expect(history.ofOthers('cem', 110_000).map(({ speakerId }) => speakerId)).toEqual(['ann', 'bob']);
  expect(history.ofOthers('ann', 110_000).map(({ question }) => question)).toEqual(['Where is the door?']);
  expect(history.ofOthers('cem', 150_000).map(({ speakerId }) => speakerId)).toEqual(['bob']);
  expect(history.messages('cem')).toEqual([]);
  history.forget('bob');
  expect(history.ofOthers('cem', 110_000).map(({ speakerId }) => speakerId)).toEqual(['ann']);
});

const NPCS = [
  { id: 'mira', name: 'Mira', x: 0, y: 0, z: 0 },
  { id: 'orson', name: 'Orson Vale', x: 10, y: 0, z: 0 },
];

test.each([
  [{ explicit: 'orson', text: 'Mira?', place: { x: 0, y: 0, z: 0 } }, 'orson'],
  [{ text: 'Hey Orson, hello!', place: { x: 0, y: 0, z: 0 } }, 'orson'],
  [{ text: 'Hello!', place: { x: 7, y: 0, z: 0 } }, 'orson'],
  [{ text: 'Hello!', place: { x: 50, y: 0, z: 0 } }, undefined],
  [{ text: 'Hello!', last: 'mira' }, 'mira'],
  [{ text: 'Hello!' }, undefined],
  [{ explicit: 'nobody', place: { x: 1, y: 0, z: 0 } }, 'mira'],
])('whom %j is meant for: %j', (clues, id) => {
  expect(chooseAddressee(NPCS, { rangeM: 5, ...clues })?.id).toBe(id);
});

const patience = { firstMs: 40, nextMs: 40 };
const collect = async (stream: AsyncIterable<unknown>) => {
  for await (const _part of stream);
};

test('an engine that hangs is given up, one that waits for input is not', async () => {
  async function* hanging() {
    yield 1;
    await new Promise(() => {});
  }
  const never = AbortSignal.timeout(5_000);
  await expect(collect(watch(hanging(), { engine: 'llm', patience }, never))).rejects.toThrow(
    'llm engine gave nothing',
  );
  let busy = false;
  setTimeout(() => {
    busy = true;
  }, 150);
  const startMs = performance.now();
  const watching = watch(hanging(), { engine: 'tts', patience, isBusy: () => busy }, never);
  await expect(collect(watching)).rejects.toBeInstanceOf(EngineError);
  expect(performance.now() - startMs).toBeGreaterThan(140);
});

test('an engine that gets its work late has its whole time from then on', async () => {
  vi.useFakeTimers();
  try {
    let busy = false;
    setTimeout(() => {
      busy = true;
    }, 850);
    async function* late() {
      await new Promise((resolve) => setTimeout(resolve, 1_600));
      yield 1;
    }
    const never = new AbortController().signal;
    const options = {
      engine: 'tts',
      patience: { firstMs: 1_000, nextMs: 1_000 },
      isBusy: () => busy,
    } as const;
    const all = collect(watch(late(), options, never));
    await vi.advanceTimersByTimeAsync(1_700);
    await expect(all).resolves.toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

test('an abort ends a stream whose engine ignores it', async () => {
  async function* hanging() {
    await new Promise(() => {});
    yield 1;
  }
  const reason = new DOMException('Enough', 'AbortError');
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 20);
  const watching = watch(
    hanging(),
    { engine: 'asr', patience: { firstMs: 5_000, nextMs: 5_000 } },
    controller.signal,
  );
  await expect(collect(watching)).rejects.toBe(reason);
});

test('what an engine throws is named after it and keeps its cause', async () => {
  const cause = new Error('out of memory');
  async function* failing() {
    yield 1;
    throw cause;
  }
  const error = await collect(
    watch(failing(), { engine: 'face', patience }, AbortSignal.timeout(5_000)),
  ).catch((e) => e);
  expect(error).toMatchObject({ code: 'engine-failed', engine: 'face', cause });
});

test('a voice that streams a clause in several parts and then hangs is noticed', async () => {
  const voice: Tts = {
    async *speak(clauses) {
      const part = { pcm: new Float32Array(240), rateHz: 24_000 };
      for await (const text of clauses) {
        if (text === 'Second.') await new Promise(() => {});
        yield { ...part, text };
        yield { ...part, text: '' };
        yield { ...part, text: '' };
      }
    },
  };
  async function* clauses() {
    yield 'First.';
    yield 'Second.';
  }
  const timeouts = { ...TIMEOUT_DEFAULTS, tts: { firstMs: 50, nextMs: 50 } };
  const texts: string[] = [];
  const speaking = (async () => {
    for await (const { text } of say(
      { tts: voice, clauses: clauses(), timeouts },
      AbortSignal.timeout(5_000),
    ))
      texts.push(text);
  })();
  await expect(speaking).rejects.toMatchObject({ code: 'engine-timeout' });
  expect(texts).toEqual(['First.', '', '']);
});
