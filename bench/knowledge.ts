/**
 * Whether an NPC says what its knowledge folder says, and nothing else:
 * `npm run knowledge -w @parley/bench -- [--questions knowledge/orion-hall.yaml] [--persona ../examples/metaverse-room/personas/mira] [--answers auto] [--quiet]`,
 * or `-- --of ship` for a persona and questions that lie in `bench/knowledge/ship`.
 * The model is that of `PARLEY_LLM_URL`, `PARLEY_LLM_MODEL` and so on; by default the small one that comes along.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type ChatMessage, createThinkingEngines, loadPersona, Mind, type Persona } from '@parley/server';
import { parse } from 'yaml';

/** Questions, and for the answerable ones the words of which one must be in a right answer. */
interface QuestionSet {
  readonly answerable: readonly {
    readonly ask: string;
    readonly right: readonly string[];
    /** What was asked just before, by the same visitor. */
    readonly after?: string;
  }[];
  readonly unanswerable: readonly string[];
}

/** How one says that one does not know. */
const DECLINES =
  /\b(?:do not|don't|did not|didn't|cannot|can't|could not|couldn't) (?:\w+ )?(?:know|say|tell|find|answer|help)|\bnot (?:sure|certain|mentioned|aware)|\bno (?:idea|information)|\bnever knew|\bafraid\b|\bunable to\b/iu;

const { values } = parseArgs({
  options: {
    of: { type: 'string' },
    questions: { type: 'string' },
    persona: { type: 'string' },
    answers: { type: 'string', default: 'auto' },
    quiet: { type: 'boolean', default: false },
  },
});

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const own = values.of === undefined ? undefined : `knowledge/${values.of}`;
const personaPath = values.persona ?? own ?? '../examples/metaverse-room/personas/mira';
const questionsPath = values.questions ?? (own ? `${own}/questions.yaml` : 'knowledge/orion-hall.yaml');
const loaded = await loadPersona(folder(personaPath));
if (!loaded) throw new Error(`There is no persona in ${personaPath}.`);
const persona: Persona = { ...loaded, answers: values.answers as Persona['answers'] };
const sets = parse(await readFile(folder(questionsPath), 'utf8')) as Record<string, QuestionSet>;
const engines = await createThinkingEngines();
const mind = new Mind({
  persona: () => persona,
  llm: engines.llm,
  embedder: engines.embed,
  reranker: engines.rerank,
});
process.stdout.write(
  `${engines.info.map(({ kind, model, device }) => `${kind}: ${model} on ${device}`).join('\n')}\n`,
);

for (const [name, { answerable, unanswerable }] of Object.entries(sets)) {
  let right = 0;
  let declined = 0;
  const waitsMs: number[] = [];
  for (const { ask, right: words, after } of answerable) {
    const { said, ms } = await answer(ask, after);
    const isRight = words.some((one) => new RegExp(one, 'iu').test(said)) && !isDeclined(said);
    if (isRight) right++;
    waitsMs.push(ms);
    if (!values.quiet)
      process.stdout.write(
        `${isRight ? 'right' : isDeclined(said) ? 'none ' : 'WRONG'}  ${ask} -> ${said}\n`,
      );
  }
  for (const ask of unanswerable) {
    const { said } = await answer(ask);
    if (isDeclined(said)) declined++;
    if (!values.quiet) process.stdout.write(`${isDeclined(said) ? 'right' : 'WRONG'}  ${ask} -> ${said}\n`);
  }
  waitsMs.sort((a, b) => a - b);
  process.stdout.write(
    `${name}: ${right} of ${answerable.length} right (${Math.round((100 * right) / answerable.length)} %), ` +
      `${declined} of ${unanswerable.length} unanswerable ones declined, median ${Math.round(waitsMs[waitsMs.length >> 1])} ms\n`,
  );
}
await engines.close();
process.exit(0);

function isDeclined(said: string): boolean {
  return DECLINES.test(said) || (persona.deflection !== undefined && said.includes(persona.deflection));
}

async function answer(text: string, after?: string): Promise<{ readonly said: string; readonly ms: number }> {
  const before = after === undefined ? undefined : await answer(after);
  const history: ChatMessage[] =
    before === undefined || after === undefined
      ? []
      : [
          { role: 'user', content: after },
          { role: 'assistant', content: before.said },
        ];
  const startMs = performance.now();
  let said = '';
  for await (const part of mind.think({ speakerId: 'bench', text, history }, AbortSignal.timeout(60_000)))
    if (part.type === 'text-delta') said += part.text;
  return { said: said.trim(), ms: performance.now() - startMs };
}
