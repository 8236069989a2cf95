/**
 * Asks a real OpenAI-compatible server three questions as an NPC would, and breaks one answer off.
 *
 *     node bench/openai-endpoints/try-llm.ts http://127.0.0.1:8080/v1 MODEL
 */
import { OpenAiLlm } from '@parley/server';

const [url = 'http://127.0.0.1:8080/v1', model = 'default'] = process.argv.slice(2);
const llm = new OpenAiLlm({ url, model, firstByteTimeoutMs: 30_000, idleTimeoutMs: 10_000 });
const system = {
  role: 'system',
  content:
    'You are Mira, a guide in a space museum. It opens at nine and closes at six. Answer in one sentence.',
} as const;

function ask(question: string, maxTokens: number, signal: AbortSignal) {
  const messages = [system, { role: 'user', content: question }] as const;
  return llm.generate({ messages, maxTokens, temperature: 0.2 }, signal);
}

for (const question of ['When do you open?', 'When do you close?', 'What is a star?']) {
  const startMs = performance.now();
  let firstMs = 0;
  let parts = 0;
  let text = '';
  for await (const part of ask(question, 60, new AbortController().signal)) {
    if (part.type === 'finish') break;
    if (part.type !== 'text-delta') continue;
    firstMs ||= performance.now();
    parts++;
    text += part.text;
  }
  const perSecond = (1000 * (parts - 1)) / (performance.now() - firstMs);
  console.log(
    `first text ${Math.round(firstMs - startMs)} ms, ${perSecond.toFixed(0)} parts/s: ${text.trim()}`,
  );
}

const controller = new AbortController();
let abortedMs = 0;
try {
  for await (const part of ask('Tell me a very long story.', 500, controller.signal)) {
    if (part.type === 'text-delta' && !abortedMs) {
      abortedMs = performance.now();
      controller.abort(new Error('barge-in'));
    }
  }
} catch (error) {
  console.log(`abort after ${(performance.now() - abortedMs).toFixed(1)} ms: ${(error as Error).message}`);
}
