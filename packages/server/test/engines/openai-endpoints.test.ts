import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { writeWav } from '../../src/audio/write-wav.ts';
import type { LlmPart, TtsPart } from '../../src/engines/contracts.ts';
import { OpenAiAsr } from '../../src/engines/http/openai-asr.ts';
import { OpenAiLlm } from '../../src/engines/http/openai-llm.ts';
import { OpenAiTts } from '../../src/engines/http/openai-tts.ts';
import { type HeardRequest, type ScriptedEndpoint, scriptedEndpoint } from './scripted-endpoint.ts';

type Answer = (request: HeardRequest, response: ServerResponse) => void | Promise<void>;

const never = new AbortController().signal;
const timeouts = { firstByteTimeoutMs: 10_000, idleTimeoutMs: 1_000 };
const impatient = { firstByteTimeoutMs: 300, idleTimeoutMs: 300 };
const patienceFor = (code: string) => (code === 'endpoint-timeout' ? impatient : timeouts);
const request = { messages: [{ role: 'user', content: 'Hi' }], maxTokens: 20, temperature: 0.5 } as const;
let server: ScriptedEndpoint;

afterEach(() => server.close());

const delta = (content: string, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`;
const sse = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });

async function* once<T>(...values: T[]): AsyncGenerator<T> {
  yield* values;
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of stream) all.push(part);
  return all;
}

async function llm(answer: Answer, signal = never, patience = timeouts): Promise<LlmPart[]> {
  server = await scriptedEndpoint(answer);
  const engine = new OpenAiLlm({ url: server.url, key: 'secret', model: 'tiny', ...patience });
  return collect(engine.generate(request, signal));
}

describe('OpenAiLlm', () => {
  it('streams the answer and sends what the API asks for', async () => {
    const parts = await llm((_, response) => {
      sse(response).end(
        `: comment\n\n${delta('Hello ')}${delta('there.')}${delta('', 'stop')}data: [DONE]\n\n`,
      );
    });
    expect(parts).toEqual([
      { type: 'text-delta', text: 'Hello ' },
      { type: 'text-delta', text: 'there.' },
      { type: 'finish', reason: 'stop' },
    ]);
    const [heard] = server.heard;
    expect(heard!.path).toBe('/v1/chat/completions');
    expect(heard!.authorization).toBe('Bearer secret');
    expect(JSON.parse(heard!.body.toString())).toEqual({
      model: 'tiny',
      messages: request.messages,
      max_tokens: 20,
      temperature: 0.5,
      stream: true,
    });
  });

  it('understands bytes cut anywhere, a letter included', async () => {
    const parts = await llm(async (_, response) => {
      sse(response);
      for (const byte of Buffer.from(`${delta('Grüße 😀')}${delta('', 'length')}`)) {
        response.write(Buffer.of(byte));
        if (byte === 0xc3) await delay(5);
      }
      response.end();
    });
    expect(parts).toEqual([
      { type: 'text-delta', text: 'Grüße 😀' },
      { type: 'finish', reason: 'length' },
    ]);
  });

  it('takes an answer that is not streamed', async () => {
    const parts = await llm((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ choices: [{ message: { content: 'All at once.' }, finish_reason: 'stop' }] }),
      );
    });
    expect(parts[0]).toEqual({ type: 'text-delta', text: 'All at once.' });
  });

  it('lets a slow stream go on', async () => {
    const parts = await llm(async (_, response) => {
      sse(response);
      for (let i = 0; i < 5; i++) {
        await delay(300);
        response.write(delta(`${i}`));
      }
      response.end('data: [DONE]\n\n');
    });
    expect(parts).toHaveLength(6);
  });

  it.each<[string, string, Answer]>([
    ['hangs before its answer', 'endpoint-timeout', () => {}],
    ['hangs within its answer', 'endpoint-timeout', (_, response) => void sse(response).write(delta('Hel'))],
    ['fails', 'endpoint-refused', (_, response) => void response.writeHead(500).end('out of memory')],
    ['knows no such model', 'endpoint-refused', (_, response) => void response.writeHead(404).end('{}')],
    [
      'sends what is not JSON',
      'endpoint-malformed',
      (_, response) => void sse(response).end('data: <html>\n\n'),
    ],
    ['sends other JSON', 'endpoint-malformed', (_, response) => void sse(response).end('data: {"a":1}\n\n')],
    ['ends too early', 'endpoint-malformed', (_, response) => void sse(response).end(delta('Hel'))],
    [
      'fails in its stream',
      'endpoint-refused',
      (_, response) => void sse(response).end('data: {"error":{"message":"no"}}\n\n'),
    ],
    [
      'breaks off',
      'endpoint-broken',
      async (_, response) => {
        sse(response).write(delta('Hel'));
        await delay(20);
        response.destroy();
      },
    ],
  ])('says so when the server %s', async (_, code, answer) => {
    await expect(llm(answer, never, patienceFor(code))).rejects.toMatchObject({ name: 'ParleyError', code });
  });

  it('says so when there is no server', async () => {
    server = await scriptedEndpoint(() => {});
    await server.close();
    const engine = new OpenAiLlm({ url: server.url, model: 'tiny', ...timeouts });
    await expect(collect(engine.generate(request, never))).rejects.toMatchObject({
      code: 'endpoint-unreachable',
    });
  });

  it('rejects at once with the reason of an abort, and the server notices', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('barge-in')), 50);
    await expect(
      llm((_, response) => void sse(response).write(delta('Hel')), controller.signal),
    ).rejects.toThrow('barge-in');
    await server.brokenOff;
  });
});

describe('OpenAiTts', () => {
  const ramp = Float32Array.from({ length: 6000 }, (_, i) => i / 6000);

  async function speak(
    answer: Answer,
    format: 'pcm' | 'wav' = 'pcm',
    text = 'Hello **there**.',
    patience = timeouts,
  ): Promise<TtsPart[]> {
    server = await scriptedEndpoint(answer);
    const options = {
      url: server.url,
      model: 'voice',
      voice: 'joe',
      rateHz: 24_000,
      format,
      lengthScale: 1,
      ...patience,
    };
    return collect(new OpenAiTts(options).speak(once(text), never));
  }

  function samplesOf(parts: readonly TtsPart[]): number[] {
    return parts.flatMap((part) => [...part.pcm]);
  }

  it('passes raw PCM on while it arrives, cut at odd bytes', async () => {
    const bytes = writeWav(ramp, 24_000).subarray(44);
    const parts = await speak(async (_, response) => {
      response.writeHead(200, { 'content-type': 'audio/pcm' });
      for (let at = 0; at < bytes.length; at += 4801) {
        response.write(bytes.subarray(at, at + 4801));
        await delay(10);
      }
      response.end();
    });
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map(({ text }) => text).join('|')).toMatch(/^Hello \*\*there\*\*\.\|+$/);
    const samples = samplesOf(parts);
    expect(samples).toHaveLength(6000);
    samples.forEach((sample, i) => {
      expect(Math.abs(sample - ramp[i]!)).toBeLessThan(1e-3);
    });
    expect(JSON.parse(server.heard[0]!.body.toString())).toEqual({
      model: 'voice',
      voice: 'joe',
      input: 'Hello there.',
      response_format: 'pcm',
    });
  });

  it('reads the rate and the channels of a WAV, even one of unknown length', async () => {
    const wav = writeWav(ramp, 48_000);
    const view = new DataView(wav.buffer);
    view.setUint16(22, 2, true);
    view.setUint32(40, 0xffffffff, true);
    const parts = await speak((_, response) => void response.end(Buffer.from(wav)), 'wav');
    expect(parts[0]!.rateHz).toBe(48_000);
    expect(samplesOf(parts)).toHaveLength(3000);
  });

  it('asks for nothing when there is nothing to say', async () => {
    expect(await speak(() => {}, 'pcm', '😀 ...')).toEqual([]);
    expect(server.heard).toHaveLength(0);
  });

  it.each<[string, string, Answer]>([
    ['hangs', 'endpoint-timeout', () => {}],
    ['fails', 'endpoint-refused', (_, response) => void response.writeHead(500).end()],
    ['sends a broken WAV', 'endpoint-malformed', (_, response) => void response.end('RIFF')],
  ])('says so when the server %s', async (_, code, answer) => {
    await expect(speak(answer, 'wav', 'Hello.', patienceFor(code))).rejects.toMatchObject({ code });
  });
});

describe('OpenAiAsr', () => {
  async function transcribe(answer: Answer, seconds = 1, patience = timeouts) {
    server = await scriptedEndpoint(answer);
    const engine = new OpenAiAsr({ url: server.url, model: 'ears', language: 'en', ...patience });
    const pcm = new Float32Array(16_000).fill(0.1);
    return collect(engine.transcribe(once(...Array.from({ length: seconds }, () => pcm)), never));
  }

  it('sends a WAV and takes the text', async () => {
    const segments = [{ avg_logprob: -0.5, no_speech_prob: 0.1 }];
    const parts = await transcribe(
      (_, response) => void response.end(JSON.stringify({ text: ' Hello. ', segments })),
    );
    expect(parts).toEqual([
      { type: 'final', text: 'Hello.', averageLogProbability: -0.5, noSpeechProbability: 0.1 },
    ]);
    const { path, body } = server.heard[0]!;
    expect(path).toBe('/v1/audio/transcriptions');
    expect(body.includes('name="model"\r\n\r\nears')).toBe(true);
    expect(body.includes('name="language"\r\n\r\nen')).toBe(true);
    const at = body.indexOf('RIFF');
    expect(body.readUInt32LE(at + 24)).toBe(16_000);
    expect(body.readUInt32LE(at + 40)).toBe(32_000);
  });

  it('sends a long monologue in pieces', async () => {
    const parts = await transcribe((_, response) => void response.end('{"text":"more"}'), 65);
    expect(server.heard.length).toBeGreaterThanOrEqual(3);
    expect(parts[0]).toMatchObject({ text: server.heard.map(() => 'more').join(' ') });
  });

  it.each<[string, string, Answer]>([
    ['hangs', 'endpoint-timeout', () => {}],
    ['fails', 'endpoint-refused', (_, response) => void response.writeHead(503).end('busy')],
    ['sends a page', 'endpoint-malformed', (_, response) => void response.end('<html>')],
  ])('says so when the server %s', async (_, code, answer) => {
    await expect(transcribe(answer, 1, patienceFor(code))).rejects.toMatchObject({ code });
  });
});
