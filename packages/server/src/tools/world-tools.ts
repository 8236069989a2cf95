import { z } from 'zod';
import { defineTool, type Tool } from './tool.ts';

/** What the NPCs of every world can do; what it looks like is the world's own. */
export const WORLD_TOOLS = ['walk-to', 'come', 'point-at', 'open', 'give', 'follow'] as const;
export type WorldToolName = (typeof WORLD_TOOLS)[number];

/** `can you`, `please` and the like before what is asked for. */
const ASKING = String.raw`(?:^(?:(?:hey|hi|hello|okay|ok|so|well)[, ]+(?:\p{L}+[, ]+)?)?|[.!?,;]\s*|\b(?:please|now|then|and)\s+|\b(?:can|could|would|will) you (?:please |kindly )?|\bi (?:want|would like|'d like) you to |\bi'd like you to |\blet's )`;

/**
 * A tool of the world.
 * @param targets What it can be done with or to. `follow` and `come` have none.
 * @param say Said when it is done; `{target}` stands for what it was done with.
 * @throws {RangeError} when targets are missing.
 */
export function worldTool(name: WorldToolName, targets: readonly string[], say?: string): Tool {
  if (name === 'follow') return followTool(say);
  if (name === 'come') return comeTool(say);
  const [first, ...others] = targets;
  if (first === undefined)
    throw new RangeError(`the tool "${name}" needs its targets, for instance targets: [door]`);
  const { key, description, did, saying, phrases } = SPECS[name];
  return defineTool({
    name,
    description,
    parameters: z.object({ [key]: z.enum([first, ...others]) }),
    phrases,
    run: (args) => {
      const target = String(args[key]);
      return { text: `${did} ${target}`, say: (say ?? saying).replaceAll('{target}', withArticle(target)) };
    },
  });
}

function followTool(say?: string): Tool {
  return defineTool({
    name: 'follow',
    description: 'Follow the visitor who asks, or stop following.',
    parameters: z.object({ on: z.boolean() }),
    phrases: [
      new RegExp(`${ASKING}(?:follow me|come (?:along )?with me|come along)\\b`, 'iu'),
      new RegExp(
        `${ASKING}(?:stop following|stay (?:here|there)|wait here|do not follow|don't follow)\\b`,
        'iu',
      ),
    ],
    run: ({ on }) => ({
      text: on ? 'follows the visitor' : 'stays here',
      say: on ? (say ?? 'Gladly, lead the way.') : 'Then I stay here.',
    }),
  });
}

function comeTool(say = 'I am coming.'): Tool {
  return defineTool({
    name: 'come',
    description: 'Come to the visitor who asks.',
    parameters: z.object({}),
    phrases: [
      new RegExp(
        `${ASKING}(?:come|step|walk|get) (?:over |right )?(?:here|closer|nearer|to me|over)\\b`,
        'iu',
      ),
      new RegExp(`${ASKING}join me\\b`, 'iu'),
    ],
    run: () => ({ text: 'comes to the visitor', say }),
  });
}

const SPECS: Readonly<
  Record<
    Exclude<WorldToolName, 'follow' | 'come'>,
    {
      readonly key: string;
      readonly description: string;
      readonly did: string;
      readonly saying: string;
      readonly phrases: readonly RegExp[];
    }
  >
> = {
  'walk-to': {
    key: 'place',
    description: 'Walk to a place, when the visitor asks to be led or sent there.',
    did: 'walks to',
    saying: 'Come, I will take you to {target}.',
    phrases: [
      new RegExp(`${ASKING}(?:walk|go|come|move|step)(?: over| back)? (?:to|behind|in front of)\\b`, 'iu'),
      /\b(?:take|lead|bring|guide) me (?:over )?to\b/iu,
    ],
  },
  'point-at': {
    key: 'thing',
    description: 'Point at a thing, when the visitor asks where it is or to be shown it.',
    did: 'points at',
    saying: 'There it is, {target}.',
    phrases: [new RegExp(`${ASKING}point (?:at|to|out)\\b`, 'iu'), /\bshow me (?:where|the|your|that)\b/iu],
  },
  open: {
    key: 'thing',
    description: 'Open a thing, when the visitor asks for it.',
    did: 'opens',
    saying: 'There you go, {target} is open.',
    phrases: [new RegExp(`${ASKING}(?:open|unlock)\\b`, 'iu')],
  },
  give: {
    key: 'item',
    description: 'Give the visitor an item that they ask for or buy.',
    did: 'gives',
    saying: 'Here you are, {target}.',
    phrases: [
      new RegExp(`${ASKING}(?:give|hand|sell|get|bring) me\\b`, 'iu'),
      /\b(?:can|could|may) i (?:please )?(?:have|get|buy|take)\b/iu,
      /\bi(?:'d| would) (?:like|love)(?: to (?:have|buy|get|take))?\b/iu,
      /\bi(?:'ll| will) (?:take|have|buy)\b/iu,
      /\bi want(?: to (?:buy|have))?\b/iu,
    ],
  },
};

function withArticle(target: string): string {
  // A name has none.
  return /^(?:the|a|an|my|your)\b/iu.test(target) || /^\p{Lu}/u.test(target) ? target : `the ${target}`;
}
