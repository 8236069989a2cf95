import { expect, test } from 'vitest';
import { readPersona } from '../../src/persona/read-persona.ts';
import { floorPlanSchema } from '../../src/walk/floor-plan.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';
import { pause, type RunningServer, startServer, TestVisitor, until } from './room-harness.ts';

const GUIDE = `
name: Guide
title: guide
greeting: Hello.
position: { x: 0, z: 0, yaw: 1 }
tools:
  - { use: walk-to, targets: [fountain] }
  - come
  - follow
  - { use: open, targets: [gate] }
  - { use: point-at, targets: [fountain] }
  - { use: give, targets: [leaflet] }
`;
const BUST = `
name: Bust
title: bust
greeting: Hello.
position: { x: 0, z: 0 }
tools:
  - { use: open, targets: [gate] }
  - { use: point-at, targets: [fountain] }
`;
const FLOOR = floorPlanSchema.parse({
  places: { fountain: { x: 4, z: 0, nearM: 1 }, gate: { x: 0, z: -3 }, 'far tower': { x: 0, z: 14 } },
  solids: [{ x: 2, z: 0, radiusM: 0.5 }],
});

let server: RunningServer;

async function visit(yaml: string): Promise<TestVisitor> {
  const engines = scriptedEngines({ msPerCharacter: 1 });
  Object.assign(engines.llm, { size: 'small' });
  server = await startServer({ engines, personas: [readPersona(yaml, 'mira')], floor: FLOOR });
  return TestVisitor.join(server.url);
}

const from = (ann: TestVisitor, x: number, z: number) => {
  const npc = ann.npc('mira');
  return npc ? Math.hypot(npc.x - x, npc.z - z) : Number.POSITIVE_INFINITY;
};

test('a guide walks around what is solid to the place that she is sent to; who comes later sees her there', async () => {
  const ann = await visit(GUIDE);
  let nearest = Number.POSITIVE_INFINITY;
  ann.parley.on('npcs', () => {
    nearest = Math.min(nearest, from(ann, 2, 0));
  });
  ann.parley.say('Please go to the fountain.', 'mira');
  await until('the walk', () => ann.npc('mira')?.walking === true, 10_000);
  await until('the fountain', () => ann.npc('mira')?.walking === false && from(ann, 4, 0) < 1.2, 20_000);
  expect(nearest).toBeGreaterThan(0.55);
  const ben = await TestVisitor.join(server.url);
  await until('her place', () => from(ben, 4, 0) < 1.2);
});

test('she comes to who calls, follows who walks, and stays when told', async () => {
  const ann = await visit(GUIDE);
  const go = (x: number, z: number) => ann.room.send('player:move', { x, y: 0, z, yaw: 0 });
  go(-4, 1);
  await until(
    'my place',
    () =>
      Math.abs(
        (ann.room.state as never as { players: Map<string, { x: number }> }).players.get(ann.room.sessionId)
          ?.x ?? 0,
      ) > 3,
  );
  ann.parley.say('Come here!', 'mira');
  await until('her', () => ann.npc('mira')?.walking === false && from(ann, -4, 1) < 1.5, 20_000);
  ann.parley.say('Follow me.', 'mira');
  await until('the answer', () => ann.transcripts.some(({ text }) => /lead the way/u.test(text)), 10_000);
  go(-1, 3);
  await until('her again', () => ann.npc('mira')?.walking === false && from(ann, -1, 3) < 2, 20_000);
  ann.parley.say('Stop following me.', 'mira');
  await until('her word', () => ann.transcripts.some(({ text }) => /I stay here/u.test(text)), 10_000);
  const before = ann.npc('mira');
  go(4, 4);
  await pause(800);
  expect(ann.npc('mira')).toMatchObject({ x: before?.x, z: before?.z });
});

test('she holds out what she gives, when she is there', async () => {
  const ann = await visit(GUIDE);
  ann.room.send('player:move', { x: -3, y: 0, z: 1, yaw: 0 });
  let reachedFromM = Number.NaN;
  ann.parley.on('npcs', () => {
    if (ann.npc('mira')?.pointing) reachedFromM = from(ann, -3, 1);
  });
  await until('my place', () => from(ann, 0, 0) === 0);
  ann.parley.say('Give me a leaflet, please.', 'mira');
  const view = await until(
    'her hand',
    () => (ann.npc('mira')?.pointing ? ann.npc('mira') : undefined),
    15_000,
  );
  expect(reachedFromM).toBeLessThan(1.6);
  expect(view.aimX).toBeCloseTo(-3);
  expect(view.aimY).toBeLessThan(1.5);
  await until('her arm down', () => ann.npc('mira')?.pointing === false, 10_000);
});

test('who leads waits for who stays behind, and looks at them', async () => {
  const ann = await visit(
    GUIDE.replace('targets: [fountain] }\n  - come', 'targets: [far tower] }\n  - come'),
  );
  ann.parley.say('Please go to the far tower.', 'mira');
  const view = await until(
    'her waiting',
    () => {
      const npc = ann.npc('mira');
      return npc?.walking && npc.lookAt === ann.room.sessionId && from(ann, 0, 0) > 2.5 ? npc : undefined;
    },
    20_000,
  );
  expect(Math.hypot(view.x, view.z)).toBeLessThan(6);
  ann.room.send('player:move', { x: view.x, y: 0, z: view.z + 1.5, yaw: 0 });
  await until('her going on', () => from(ann, view.x, view.z) > 0.5, 10_000);
  expect(ann.notices).toEqual([]);
  expect(ann.transcripts.filter(({ speakerId }) => speakerId === '')).toHaveLength(1);
});

test('who has no legs opens and points from where it stands', async () => {
  const ann = await visit(BUST);
  ann.parley.say('Open the gate.', 'mira');
  await until('the gate', () =>
    [...((ann.room.state as never as { parley: { opened: Iterable<string> } }).parley.opened ?? [])].includes(
      'gate',
    ),
  );
  ann.parley.say('Point at the fountain.', 'mira');
  const npc = await until('the arm', () => {
    const view = ann.npc('mira');
    return view?.pointing ? view : undefined;
  });
  expect(npc).toMatchObject({ x: 0, z: 0, aimX: 4, aimZ: 0 });
});
