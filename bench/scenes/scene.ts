import { setTimeout as delay } from 'node:timers/promises';
import type { TurnReport } from '@parley/server';
import type { Stance } from './addressees.ts';
import { SceneVisitor, type SceneVisitorOptions } from './scene-visitor.ts';
import type { Speaker } from './voices.ts';

/** What a scene has to work with. */
export interface Stage {
  readonly server: string;
  readonly speakers: readonly Speaker[];
  /** Turns that have ended, in order. */
  readonly reports: readonly TurnReport[];
  readonly say: (text: string, speaker?: number) => Promise<Float32Array>;
}

/** One thing that was looked at. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** What was seen, for people. */
  readonly seen: string;
  /** A time worth a percentile, ms. */
  readonly measured?: { readonly name: string; readonly ms: number };
}

export interface Scene {
  readonly name: string;
  play(stage: Stage): Promise<Check[]>;
}

export const ANSWER_MS = 30_000;
export const BEFORE_MIRA: Stance = { x: 0, z: -1, yaw: 0 };
/** Its answer is long enough to be interrupted. */
export const LONG_QUESTION = 'What can I see here, and what is there to do?';

export async function each<T>(
  items: readonly T[],
  play: (item: T, i: number) => Promise<Check[]>,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [i, item] of items.entries()) checks.push(...(await play(item, i)));
  return checks;
}

export async function withVisitor(
  stage: Stage,
  options: SceneVisitorOptions,
  act: (visitor: SceneVisitor) => Promise<Check[]>,
): Promise<Check[]> {
  const visitor = await SceneVisitor.join(stage.server, options);
  try {
    await delay(100);
    return await act(visitor);
  } finally {
    await visitor.leave();
  }
}
