import { contentWords, stem } from '../knowledge/content-words.ts';
import type { Tool } from './tool.ts';

/** A tool that a visitor's words ask for. */
export interface Intent {
  readonly tool: Tool;
  readonly args: Record<string, unknown>;
}

/**
 * The tool that English words ask for, without a model: by its phrases, and by its arguments being named. Values of an
 * enumeration must be mentioned, numbers are read where they stand, and a boolean is whether the first of the phrases was used.
 * @returns null when no tool, or none with all its arguments, is asked for.
 */
export function matchIntent(text: string, tools: readonly Tool[]): Intent | null {
  let best: (Intent & { readonly weight: number }) | null = null;
  for (const tool of tools) {
    const phrase = tool.phrases.findIndex((pattern) => pattern.test(text));
    if (phrase < 0) continue;
    const found = argumentsOf(text, tool, phrase);
    if (!found) continue;
    const parsed = tool.parameters.safeParse(found.args);
    if (parsed.success && (!best || found.weight > best.weight))
      best = { tool, args: parsed.data, weight: found.weight };
  }
  return best && { tool: best.tool, args: best.args };
}

interface Property {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

function argumentsOf(text: string, { schema }: Tool, phrase: number) {
  const properties = (schema.properties ?? {}) as Record<string, Property>;
  const required = (schema.required ?? []) as readonly string[];
  const numbers = [...text.matchAll(/\d+(?:\.\d+)?/gu)].map(([digits]) => Number(digits));
  const args: Record<string, unknown> = {};
  let weight = 0;
  for (const [name, { type, enum: values, const: only }] of Object.entries(properties)) {
    const choices = values ?? (only === undefined ? undefined : [only]);
    if (choices) {
      const mentioned = bestMentioned(text, choices.map(String));
      if (mentioned) {
        args[name] = mentioned.value;
        weight += mentioned.weight;
      }
    } else if (type === 'boolean') args[name] = phrase === 0;
    else if ((type === 'number' || type === 'integer') && numbers.length > 0) args[name] = numbers.shift();
    if (!(name in args) && required.includes(name)) return null;
  }
  return { args, weight };
}

/** The choice with the most words in the text; its last word, which says what it is, must be among them. */
function bestMentioned(text: string, choices: readonly string[]): { value: string; weight: number } | null {
  const said = new Set(contentWords(text).map((word) => stem(word)));
  let best: { value: string; weight: number } | null = null;
  for (const value of choices) {
    const stems = contentWords(value).map((word) => stem(word));
    const last = stems.at(-1);
    if (last === undefined || !said.has(last)) continue;
    const weight = stems.filter((one) => said.has(one)).length / Math.sqrt(stems.length);
    if (!best || weight > best.weight) best = { value, weight };
  }
  return best;
}
