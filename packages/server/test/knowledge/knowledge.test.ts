import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Embedder, Reranker } from '../../src/engines/contracts.ts';
import { createThinkingEngines } from '../../src/engines/create-engines.ts';
import { rememberEmbeddings } from '../../src/engines/embed/remember-embeddings.ts';
import { OpenAiEmbedder } from '../../src/engines/http/openai-embedder.ts';
import { isQuestion } from '../../src/knowledge/asked-kind.ts';
import { extractAnswer } from '../../src/knowledge/extract-answer.ts';
import { Knowledge } from '../../src/knowledge/knowledge.ts';
import { plainQuestion } from '../../src/knowledge/plain-question.ts';
import { splitSentences } from '../../src/knowledge/split-sentences.ts';
import { loadPersona } from '../../src/persona/load-persona.ts';
import { Mind } from '../../src/persona/mind.ts';
import { scriptedEndpoint } from '../engines/scripted-endpoint.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';

const MIRA = fileURLToPath(new URL('../../../../examples/metaverse-room/personas/mira', import.meta.url));
const NOTES = [
  {
    name: 'lighthouse.md',
    text: `# The lighthouse\n\nThe lighthouse was built by Dr. Ida Berg in 1870. It is 31 metres tall.\n\n## Tickets\n\n- A ticket costs six euros.\n- Children come in free.\n`,
  },
];
const signal = new AbortController().signal;

test('text becomes sentences under their headings, paragraph by paragraph', () => {
  expect(
    splitSentences(NOTES).map(({ text, headings, passage }) => [passage, headings.join('/'), text]),
  ).toEqual([
    [0, 'The lighthouse', 'The lighthouse was built by Dr. Ida Berg in 1870.'],
    [0, 'The lighthouse', 'It is 31 metres tall.'],
    [1, 'The lighthouse/Tickets', 'A ticket costs six euros.'],
    [2, 'The lighthouse/Tickets', 'Children come in free.'],
  ]);
});

test('rows of a table become sentences that name their columns, and a paragraph keeps its label', () => {
  const text = [
    '| Department | Building | Floor |',
    '| --- | --- | --- |',
    '| Cardiology | A | 3 |',
    '| Eye clinic | B | - |',
    '',
    '| Ticket | Price |',
    '| --- | --- |',
    '| Adults | 14 euros |',
    '',
    'Knot workshop: every Saturday at 12. It takes an hour.',
  ].join('\n');
  expect(splitSentences([{ name: 'a.md', text }]).map(({ text, unsaid }) => [text, unsaid])).toEqual([
    ['Cardiology: building A, floor 3', 'Department Building Floor'],
    ['Eye clinic: building B', 'Department Building Floor'],
    ['Adults: 14 euros', 'Ticket Price'],
    ['Knot workshop: every Saturday at 12.', undefined],
    ['It takes an hour.', 'Knot workshop'],
  ]);
});

test('a question of somebody in a hurry is put right by the words of the texts', () => {
  const words = new Set(['tattoos', 'toilets', 'engine', 'visiting', 'lighthouse']);
  const plain = (question: string) => plainQuestion(question, words, 'en');
  expect(plain('whats the lihgthouse for')).toBe('what is the lighthouse for');
  expect(plain("where's the loo")).toBe('where is the toilet');
  expect(plain('does it have a motor')).toBe('does it have a engine');
  expect(plain('visitng hours')).toBe('visiting hours');
  // Words that everybody knows and names stay as they are.
  expect(plain('is the weather nice in Lihgthausen')).toBe('is the weather nice in Lihgthausen');
});

test('a question that leans on the one before is about the same', async () => {
  const text = 'The bell weighs two tonnes. It comes from Utrecht.\n\nThe clock is old. It comes from Paris.';
  const knowledge = await Knowledge.create({ documents: [{ name: 'a.txt', text }] }, {}, signal);
  const answer = async (before: string) =>
    (await knowledge.find('And where does it come from?', 1, signal, before))[0]?.sentence.text;
  expect(await answer('How heavy is the bell?')).toBe('It comes from Utrecht.');
  expect(await answer('How old is the clock?')).toBe('It comes from Paris.');
});

test.each([
  ['what did the 1st mate cost', true],
  ['wifi name', true],
  ['price for a family', true],
  ['we lost a bag here', true],
  ['I like it here', false],
  ['Hello Mira', false],
  ['Thank you very much', false],
])('%s: asks something: %s', (text, asks) => {
  expect(isQuestion(text)).toBe(asks);
});

test.each([
  ['How tall is the lighthouse?', 'It is 31 metres tall.'],
  ['Who built the lighthouse?', 'The lighthouse was built by Dr. Ida Berg in 1870.'],
  ['How much is a ticket?', 'A ticket costs six euros.'],
  ['How deep is the harbour?', ''],
])('shared words alone find an answer, and none where there is none: %s', async (question, answer) => {
  const knowledge = await Knowledge.create({ documents: NOTES }, {}, signal);
  const findings = await knowledge.find(question, 5, signal);
  expect(extractAnswer(findings, knowledge.clearScore, 1)).toBe(answer);
});

test('an embeddings endpoint is asked in batches, and never twice for one text', async () => {
  const endpoint = await scriptedEndpoint(({ body }, response) => {
    const { input } = JSON.parse(body.toString()) as { input: string[] };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        data: input.map((text, index) => ({ index, embedding: [text.length, 1] })).reverse(),
      }),
    );
  });
  try {
    const embedder = rememberEmbeddings(
      new OpenAiEmbedder({ url: endpoint.url, model: 'any', firstByteTimeoutMs: 2000, idleTimeoutMs: 2000 }),
    );
    const texts = Array.from({ length: 70 }, (_, i) => 'x'.repeat(i + 1));
    const embed = async () => {
      const vectors: Float32Array[] = [];
      for await (const { vector } of embedder.embed(texts, signal)) vectors.push(vector);
      return vectors;
    };
    const vectors = await embed();
    expect(vectors).toHaveLength(70);
    expect(Math.hypot(...vectors[69])).toBeCloseTo(1);
    expect(vectors[69][0] / vectors[69][1]).toBeCloseTo(70);
    await embed();
    expect(endpoint.heard.map(({ path }) => path)).toEqual(['/v1/embeddings', '/v1/embeddings']);
  } finally {
    await endpoint.close();
  }
});

test('a large model gets the passages into its prompt', async () => {
  const mira = (await loadPersona(MIRA))!;
  const { llm, log } = scriptedEngines();
  const mind = new Mind({ persona: () => mira, llm });
  await say(mind, 'Who found the moon rock in the Sahara?');
  expect(log.requests[0].messages.at(-1)?.content).toContain('Leila Haddad');
  expect(log.requests[0].messages[0].content).toContain('say only what your notes say');
});

test('the model that comes along speaks facts as they stand, and else does not know', {
  timeout: 180_000,
}, async () => {
  const mira = (await loadPersona(MIRA))!;
  const engines = await createThinkingEngines();
  try {
    expect(engines.llm.size).toBe('small');
    // Without its weights the embedder would be left out in silence; `npm test` fetches them.
    expect(engines.info.map(({ kind }) => kind)).toEqual(['llm', 'embed', 'rerank']);
    const { llm, embed, rerank } = engines;
    const mind = new Mind({ persona: () => mira, llm, embedder: embed, reranker: rerank });
    expect(await say(mind, 'How heavy is the orrery?')).toContain('four tonnes');
    expect(await say(mind, 'Is there wifi?')).toContain('Orion Guest');
    expect(await say(mind, 'What is the capital of France?')).toBe(mira.deflection);
    // Small talk is left to the model.
    expect(await say(mind, 'I had a lovely day.')).not.toBe('');
  } finally {
    await engines.close();
  }
});

async function say(mind: Mind, text: string): Promise<string> {
  let said = '';
  for await (const part of mind.think({ speakerId: 'ann', text, history: [] }, signal))
    if (part.type === 'text-delta') said += part.text;
  return said.trim();
}

test('a reranker has the last word, and reads a sentence with what stands around it', async () => {
  const read: { question: string; texts: string[]; contexts: string[] }[] = [];
  const rerank: Reranker = {
    async rank(question, candidates) {
      const texts = candidates.map(({ text }) => text);
      read.push({ question, texts, contexts: candidates.map(({ context }) => context) });
      return Float32Array.from(texts, (text) => (text.includes('free') ? 2 : -2));
    },
  };
  const knowledge = await Knowledge.create({ documents: NOTES }, { rerank }, signal);
  const findings = await knowledge.find('How tall is the lighthouse?', 5, signal);
  expect(extractAnswer(findings, knowledge.clearScore, 1)).toBe('Children come in free.');
  expect(read[0].question).toBe('How tall is the lighthouse?');
  const at = read[0].texts.indexOf('It is 31 metres tall.');
  expect(read[0].contexts[at]).toBe('The lighthouse: The lighthouse was built by Dr. Ida Berg in 1870.');
});

test("where a reranker finds several answers, the one that the persona's author meant is said", async () => {
  const rerank: Reranker = { rank: async (_, candidates) => new Float32Array(candidates.length).fill(2) };
  const taught = [
    { text: 'We close in the second week of November.', about: [] },
    { text: 'We open at ten and close at midnight.', about: ['close'] },
    { text: 'The gate closes by itself.', about: ['gate'] },
  ];
  const knowledge = await Knowledge.create({ documents: [], taught }, { rerank }, signal);
  const findings = await knowledge.find('When do you close?', 3, signal);
  expect(findings.map(({ sentence }) => sentence.text)).toEqual([
    'We open at ten and close at midnight.',
    'We close in the second week of November.',
    'The gate closes by itself.',
  ]);
});

test('a second sentence is said only if it answers nearly as well, and "it" is what was just spoken of', () => {
  const finding = (text: string, passage: number, logOdds: number) => ({
    sentence: { text, passage, source: 'a.md', headings: [] },
    score: 1 / (1 + Math.exp(-logOdds)),
    logOdds,
  });
  const orrery = finding('The orrery weighs four tonnes.', 1, 5);
  const rock = finding('It weighs eleven kilograms.', 2, 4.8);
  const gold = finding('It has a golden sun.', 1, 4.7);
  const stairs = finding('The stairs bear six tonnes.', 3, 3.5);
  expect(extractAnswer([orrery, rock, stairs], 0.6, 2)).toBe('The orrery weighs four tonnes.');
  expect(extractAnswer([orrery, rock, gold], 0.6, 2)).toBe(
    'The orrery weighs four tonnes. It has a golden sun.',
  );
});

test('vectors of questions are kept for the newest ones only', async () => {
  let embedded: string[] = [];
  const embedder: Embedder = {
    async *embed(texts) {
      embedded.push(...texts);
      for (const _ of texts) yield { vector: Float32Array.of(1, 0) };
    },
  };
  const knowledge = await Knowledge.create({ documents: NOTES }, { embed: embedder }, signal);
  const ask = async (question: string) => {
    embedded = [];
    await knowledge.find(question, 1, signal);
    return embedded;
  };
  expect(await ask('gargoyle')).toContain('gargoyle');
  expect(await ask('gargoyle')).toEqual([]);
  for (let i = 0; i < 2_100; i++) await knowledge.find(`zork${i}`, 1, signal);
  expect(await ask('gargoyle')).toContain('gargoyle');
});
