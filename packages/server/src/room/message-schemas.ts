import { z } from 'zod';

const npc = z.string().max(64).optional();

/** `parley:hello`. */
export const helloSchema = z.object({ version: z.int() });

/** `parley:say`. */
export const saySchema = z.object({ npc, text: z.string().trim().min(1).max(2000) });

/** `parley:listen`. Under `push` a turn ends when the client closes the microphone, under `open` when the visitor pauses. */
export const listenSchema = z.object({
  npc,
  on: z.boolean(),
  mode: z.enum(['open', 'push']).default('open'),
});

/** `parley:attend`. Without `npc` the visitor attends to nobody in particular. */
export const attendSchema = z.object({ npc });

/** `parley:clock`. */
export const clockSchema = z.object({ t0: z.number() });

/** `parley:forget`; it says nothing. */
export const forgetSchema = z.looseObject({}).optional();

/** `parley:result`. */
export const resultSchema = z.object({ id: z.int(), ok: z.boolean(), text: z.string().max(2000) });
