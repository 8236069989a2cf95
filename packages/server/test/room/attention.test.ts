import { expect, test } from 'vitest';
import { Attention } from '../../src/room/attention.ts';
import { NpcState } from '../../src/room/parley-state.ts';
import type { RoomNpc } from '../../src/room/room-npc.ts';

/** Looks every 250 ms at a visitor on their way; tells how often they were greeted. */
function greetings(way: readonly { readonly x: number; readonly z: number }[]): number {
  let greeted = 0;
  let nowMs = 0;
  const visitor = { x: 0, z: 0 };
  const turns = { greet: () => ++greeted > 0 } as unknown as RoomNpc['turns'];
  const state = Object.assign(new NpcState(), { id: 'mira', x: 0, y: 0, z: 0, lookAt: '', speakerId: '' });
  const attention = new Attention({
    npcs: new Map([['mira', { state, turns }]]),
    players: () => ({
      get: () => visitor,
      forEach: (each: (player: typeof visitor, id: string) => void) => each(visitor, 'ann'),
    }),
    nowMs: () => nowMs,
    greetingRangeM: 2.8,
    lookingRangeM: 5,
  });
  try {
    for (const place of way) {
      Object.assign(visitor, place);
      attention.look();
      nowMs += 250;
    }
  } finally {
    attention.dispose();
  }
  return greeted;
}

const near = Array.from({ length: 8 }, () => ({ x: 0, z: 1.8 }));

test('who walks up is greeted once', () => {
  const walk = Array.from({ length: 12 }, (_, i) => ({ x: 0, z: 8 - 0.5 * i }));
  expect(greetings([...walk, ...near])).toBe(1);
});

test('who is put before an NPC has not walked up: a page that joins and then takes its place', () => {
  expect(greetings([{ x: 0, z: -8.5 }, ...near])).toBe(0);
});

test('an NPC looks at who is nearest, glances at the others, and looks ahead while it walks alone', () => {
  let nowMs = 0;
  const visitors = new Map([
    ['ann', { x: 0, z: 1.5 }],
    ['ben', { x: 2, z: 2 }],
  ]);
  const state = Object.assign(new NpcState(), { id: 'mira', x: 0, y: 0, z: 0, lookAt: '', speakerId: '' });
  const turns = { greet: () => false } as unknown as RoomNpc['turns'];
  const attention = new Attention({
    npcs: new Map([['mira', { state, turns }]]),
    players: () => ({
      get: (id: string) => visitors.get(id),
      forEach: (each: (player: { x: number; z: number }, id: string) => void) => visitors.forEach(each),
    }),
    nowMs: () => nowMs,
    greetingRangeM: 2.8,
    lookingRangeM: 5,
  });
  const looks: string[] = [];
  for (; nowMs < 20_000; nowMs += 250) {
    attention.look();
    looks.push(state.lookAt);
  }
  const glances = looks.filter((id) => id === 'ben').length;
  expect(looks[0]).toBe('ann');
  expect(glances).toBeGreaterThan(5);
  expect(glances).toBeLessThan(looks.length / 3);
  state.walking = true;
  attention.look();
  expect(state.lookAt).toBe('');
  attention.dispose();
});
