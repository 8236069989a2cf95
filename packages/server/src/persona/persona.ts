import { parseEmotion } from '@parley/sdk';
import { z } from 'zod';
import type { KnowledgeDocument } from '../knowledge/read-document.ts';

const place = z
  .strictObject({ x: z.number(), y: z.number().default(0), z: z.number(), yaw: z.number().default(0) })
  .default({ x: 0, y: 0, z: 0, yaw: 0 });

const voice = z
  .strictObject({
    /** A voice of Kokoro's, such as `ef_dora`, or one that the room was given; the engines' own voice by default. */
    name: z.string().optional(),
    /** Pitch and tempo against the voice's own: 0.7 to 1.4, 1 leaves it alone. */
    pitch: z.number().min(0.7).max(1.4).default(1),
  })
  .default({ pitch: 1 });

const mood = z.string().transform((text, context) => {
  try {
    return parseEmotion(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const fact = z.union(
  [
    z
      .string()
      .min(1)
      .max(300)
      .transform((text) => ({ text, about: [] as string[] })),
    z.strictObject({
      text: z.string().min(1).max(300),
      /** Words of a question that this fact answers, where it does not share them: "toilets", "who are you". */
      about: z.array(z.string().min(1)).max(20).default([]),
    }),
  ],
  { error: 'must be a sentence, or { text: a sentence, about: [words of questions that it answers] }' },
);

/** One thing an NPC knows. */
export type Fact = z.infer<typeof fact>;

const phrases = z.array(z.string().min(1).max(80)).max(20).default([]);

/** Something that the NPC can do. */
const tool = z.union(
  [
    z
      .string()
      .min(1)
      .transform((use) => ({ use, targets: [] as string[], say: undefined })),
    z.strictObject({
      /** `walk-to`, `come`, `point-at`, `open`, `give`, `follow`, or the name of one of the host's tools. */
      use: z.string().min(1),
      /** What it can be done with or to, in the words of visitors: `[star map, pocket sundial]`. */
      targets: z.array(z.string().min(1).max(60)).max(50).default([]),
      /** Said when it is done; `{target}` stands for what it was done with. */
      say: z.string().max(200).optional(),
    }),
    z.strictObject({
      /** Name of a function in the page of the visitor who asks. */
      client: z
        .string()
        .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'must be lower-case letters, digits, dashes and underscores'),
      description: z.string().min(1).max(400),
      parameters: z
        .record(
          z.string(),
          z.strictObject({
            type: z.enum(['text', 'number', 'boolean']).default('text'),
            /** The texts that it may be. */
            values: z.array(z.string()).default([]),
            description: z.string().optional(),
          }),
        )
        .default({}),
      /** How visitors ask for it; a small model is not asked. */
      phrases,
      say: z.string().max(200).optional(),
    }),
    z
      .strictObject({
        /** A name for an MCP server, whose tools the NPC can use. */
        mcp: z.string().min(1),
        /** A program that speaks MCP on its standard input and output, */
        command: z.string().optional(),
        args: z.array(z.string()).default([]),
        env: z.record(z.string(), z.string()).default({}),
        /** or where one is reached by HTTP. */
        url: z.url({ protocol: /^https?$/ }).optional(),
        only: z.array(z.string()).optional(),
      })
      .refine(
        ({ command, url }) => (command === undefined) !== (url === undefined),
        'needs either a command or a url',
      ),
  ],
  { error: 'must be the name of a tool, or have one of the keys use, client and mcp' },
);

/** What a persona file holds. */
export const personaSchema = z.strictObject({
  /** Lower-case letters, digits and dashes; the name of the persona's folder by default. */
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and dashes, at most 40')
    .optional(),
  name: z.string().min(1).max(40),
  /** Role in a few words, for name plates and the prompt: "guide of the Museum of Tides". */
  title: z.string().min(1).max(80),
  /** What it is there for, a sentence or two in the second person, for the prompt: "You show visitors around." */
  role: z.string().max(600).default(''),
  /** What it always or never does, one sentence each, for the prompt: "Never speak of prices you do not know." */
  rules: z.array(z.string().min(1).max(300)).max(30).default([]),
  /** Languages that it speaks, ISO 639-1; the first is its own. */
  languages: z
    .array(z.string().regex(/^[a-z]{2}$/, 'must be a code of two letters such as "en"'))
    .min(1)
    .max(20)
    .default(['en']),
  /** How the NPC speaks, a sentence in the second person: "You are warm and brief." */
  style: z.string().max(400).default('You are friendly and brief.'),
  /** What it says to a newcomer; it also shows the model the tone. */
  greeting: z.string().min(1).max(300),
  /** Said when it lost its thread because an engine failed. Default: "Sorry, I lost my train of thought …" in its language. */
  apology: z.string().min(1).max(200).optional(),
  /**
   * Whether it says "Sorry?" in its language to a visitor whose voice it fell silent for without understanding anything; or
   * what it says instead.
   */
  pardon: z
    .union([z.boolean(), z.string().min(1).max(80)], {
      error: 'must be true, false, or what to say instead, at most 80 characters',
    })
    .default(true),
  voice,
  /**
   * Whether it hums ("mhm") now and then while somebody speaks to it for long; or what it hums instead, a short sound or word
   * each: `[Aye, "I see"]`.
   */
  hums: z
    .union([z.boolean(), z.array(z.string().min(1).max(24)).min(1).max(6)], {
      error: 'must be true, false, or a list of what to hum instead: [Aye, "I see"]',
    })
    .default(true),
  /** How it feels unless a turn says otherwise: an OCC emotion and an intensity from 0 to 1, `joy:0.3`. Default: neutral. */
  mood: mood.optional(),
  /** Head to load: the name of one the client knows, or a URL. */
  head: z.string().default(''),
  position: place,
  /** What it knows, one short sentence each; the best few for a question go into the prompt. */
  facts: z.array(fact).max(500).default([]),
  /**
   * Who words the answers to what it knows from `knowledge/`: `model`, with the passages in its prompt; `extracted`, the
   * best sentences as they stand; `auto` leaves the choice to the model's size.
   */
  answers: z.enum(['auto', 'model', 'extracted']).default('auto'),
  /** What it can do, see the README. */
  tools: z.array(tool).max(30).default([]),
  /** Name of the host's function that looks at what is said to it and by it. */
  moderation: z.string().optional(),
  /** Whether it remembers visitors across visits, where the room has a memory. */
  memory: z.boolean().default(true),
  /** What it says when it knows nothing of the matter. Leave it out for a model that can be trusted to know or to decline. */
  deflection: z.string().min(1).max(300).optional(),
  /** Questions and answers that show the model how to answer; two or three are plenty. */
  examples: z
    .array(z.strictObject({ question: z.string().min(1), answer: z.string().min(1) }))
    .max(6)
    .default([]),
  /** Longest answer in tokens. */
  maxTokens: z.int().min(8).max(1000).default(60),
  /** Longest answer in sentences. */
  maxSentences: z.int().min(1).max(20).default(2),
  /** Sampling temperature of the model, 0 to 2. */
  temperature: z.number().min(0).max(2).default(0),
});

/** An NPC's character and place. */
export type Persona = z.infer<typeof personaSchema> & {
  readonly id: string;
  /** The files of its `knowledge/` folder, as text. */
  readonly documents: readonly KnowledgeDocument[];
};
