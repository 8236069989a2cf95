import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, type Room } from '@colyseus/sdk';
import { ParleyClient } from '@parley/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findChromium } from '../browser.ts';
import { type HallServer, startHall } from './hall-server.ts';
import { goTo, openDoor, pace, type VisitorPage } from './visitor-page.ts';

const chromium = findChromium();
if (!chromium)
  console.log('The guide who walks: skipped, no Chromium found; install it or set CHROMIUM_PATH.');

/** Where the guide is drawn, and where the room has her. */
interface Seen {
  readonly atMs: number;
  readonly x: number;
  readonly z: number;
  readonly yaw: number;
  readonly walking: boolean;
  readonly voice: readonly number[];
}

describe.skipIf(!chromium)('the guide walks, with real engines, for a page and for who comes later', () => {
  let hall: HallServer;
  let ada: VisitorPage;
  let room: Room;
  let ben: ParleyClient;
  let adaId: string;

  beforeAll(async () => {
    hall = await startHall();
    ada = await openDoor(hall.url);
    await ada.enter('Ada');
    room = await new Client(hall.url).joinOrCreate('parley', { name: 'Ben' });
    ben = new ParleyClient(room);
    await ben.ready;
    walkBen(3, -6);
    await pace(ada, 12);
    adaId = await ada.page.evaluate(() => window.orion.app.room?.sessionId ?? '');
    await ada.page.evaluate(() => {
      const seen: unknown[] = [];
      Object.assign(window, { seen });
      window.orion.app.scene.onAfterRenderObservable.add(() => {
        const npc = window.orion.app.connection?.parley.npcs.get('mira');
        const at = npc?.face.faceNode?.getAbsolutePosition();
        if (npc && at)
          seen.push({
            atMs: performance.now(),
            x: npc.node.position.x,
            z: npc.node.position.z,
            yaw: npc.node.rotation.y,
            walking: npc.view?.walking,
            voice: [at.x, at.z],
          });
      });
    });
  });

  afterAll(async () => {
    ben?.close();
    await room?.leave();
    await ada?.close();
    await hall?.close();
  });

  const mira = () => ben.npcs.find(({ id }) => id === 'mira');

  function walkBen(x: number, z: number): void {
    room.send('player:move', { x, y: 0, z, yaw: 0 });
  }

  async function say(words: string): Promise<void> {
    await ada.page.fill('.say input', words);
    await ada.page.keyboard.press('Enter');
  }

  /** Resolves when the room has her standing near a place. */
  async function stands(x: number, z: number, withinM: number): Promise<void> {
    await expect
      .poll(
        () => {
          const view = mira();
          return view && !view.walking ? Math.hypot(view.x - x, view.z - z) : Number.POSITIVE_INFINITY;
        },
        { timeout: 60_000, interval: 100 },
      )
      .toBeLessThan(withinM);
  }

  async function drawn(): Promise<Seen[]> {
    return ada.page.evaluate(() => (window as unknown as { seen: Seen[] }).seen.splice(0));
  }

  it('knows the floor as the page draws it', async () => {
    const file = path.resolve(import.meta.dirname, '../../personas/room.yaml');
    const { floor } = parse(readFileSync(file, 'utf8')) as { floor: { solids: Record<string, number>[] } };
    const solids = await ada.page.evaluate(
      () => window.orion.app.world.colliders.solids as Record<string, number>[],
    );
    expect(floor.solids).toHaveLength(solids.length);
    solids.forEach((solid, i) => {
      for (const [key, value] of Object.entries(solid))
        expect(Math.abs(floor.solids[i][key] - value), `${key} of solid ${i}`).toBeLessThan(0.02);
    });
  });

  it('walks to what she is asked to, at the pace of a person, her voice with her', async () => {
    await goTo(ada, 'Mira', [0.4, -1.2, 0]);
    await drawn();
    await say('Please take me to the telescope.');
    // Ada stays behind: she is waited for, a few steps away, and turned to.
    await expect
      .poll(
        () => {
          const view = mira();
          if (!view?.walking || view.lookAt !== adaId) return Number.POSITIVE_INFINITY;
          const aside = Math.atan2(0.4 - view.x, -1.2 - view.z) - view.yaw;
          return Math.abs(Math.sin(aside / 2)) < 0.1 ? Math.hypot(view.x - 0.4, view.z + 1.2) : Number.NaN;
        },
        { timeout: 40_000, interval: 50 },
      )
      .toBeLessThan(5);
    const waiting = mira();
    expect(Math.hypot((waiting?.x ?? 0) + 6.1, (waiting?.z ?? 0) - 3.6)).toBeGreaterThan(2.3);
    await ada.page.evaluate(() => window.orion.place(-2, 1.4, -1));
    await stands(-6.1, 3.6, 2.3);
    // The page is a little behind, so that it has two places to go between.
    await ada.page.waitForTimeout(600);
    const frames = await drawn();
    const last = frames[frames.length - 1];
    expect(last.x).toBeCloseTo(mira()?.x ?? Number.NaN, 1);
    expect(last.z).toBeCloseTo(mira()?.z ?? Number.NaN, 1);
    expect(Math.hypot(last.voice[0] - last.x, last.voice[1] - last.z)).toBeLessThan(0.4);
    let turnedFirst = false;
    for (let i = 1; i < frames.length; i++) {
      const [a, b] = [frames[i - 1], frames[i]];
      const metres = Math.hypot(b.x - a.x, b.z - a.z);
      if (b.atMs - a.atMs > 60) expect(metres / ((b.atMs - a.atMs) / 1000)).toBeLessThan(2.2);
      turnedFirst ||= b.walking && metres < 0.01 && Math.abs(b.yaw - a.yaw) > 0.02;
    }
    expect(frames.filter(({ walking }) => walking).length).toBeGreaterThan(4);
    expect(turnedFirst).toBe(true);
  });

  it('is solid: who walks at her ends beside her', async () => {
    const view = mira();
    const [x, z] = [view?.x ?? 0, view?.z ?? 0];
    const nearest = await ada.page.evaluate(
      async ([atX, atZ]) => {
        const { app } = window.orion;
        const { walker } = app.me;
        window.orion.place(atX + 2, atZ + 0.05, -Math.PI / 2);
        let least = Number.POSITIVE_INFINITY;
        const input = { forward: 1, right: 0 };
        for (let i = 0; i < 120; i++) {
          walker.step(1 / 60, input, -Math.PI / 2, Number.NaN, app.world.colliders);
          least = Math.min(least, Math.hypot(walker.x - atX, walker.z - atZ));
        }
        return least;
      },
      [x, z] as const,
    );
    expect(nearest).toBeGreaterThan(0.55);
    await ada.page.evaluate(() => window.orion.place(-2, 1.4, -1));
  });

  it('the server knows where she is: who stands there is near her', async () => {
    const view = mira();
    walkBen((view?.x ?? 0) + 1.5, (view?.z ?? 0) - 1);
    const answers: string[] = [];
    const close = ben.on('transcript', ({ npc, speakerId, text }) => {
      if (npc === 'mira' && speakerId === '') answers.push(text);
    });
    ben.say('Is the orrery heavy?');
    await expect.poll(() => answers.length, { timeout: 40_000 }).toBeGreaterThan(0);
    close();
  });

  it('who joins later sees her where she is', async () => {
    const cleo = await openDoor(hall.url, { microphoneAllowed: false });
    try {
      await pace(ada, 1);
      await cleo.enter('Cleo');
      await cleo.page.waitForTimeout(500);
      const at = await cleo.page.evaluate(() => {
        const position = window.orion.app.connection?.parley.npcs.get('mira')?.node.position;
        return position && [position.x, position.z];
      });
      expect(at?.[0]).toBeCloseTo(mira()?.x ?? Number.NaN, 1);
      expect(at?.[1]).toBeCloseTo(mira()?.z ?? Number.NaN, 1);
    } finally {
      await cleo.close();
      await pace(ada, 12);
    }
  });

  it('comes when she is called, follows who walks, and stays when told', async () => {
    const place = [2, -3] as const;
    await ada.page.evaluate((at) => window.orion.place(at[0], at[1], -0.6), place);
    walkBen(3, -6);
    ben.say('Mira, come here please.', 'mira');
    await stands(3, -6, 1.7);
    ben.say('Follow me.', 'mira');
    await expect.poll(() => mira()?.status, { timeout: 30_000 }).toBe('idle');
    walkBen(3, 0);
    await stands(3, 0, 1.8);
    // Around Ada, who stands in the way.
    walkBen(1, -6);
    const { x, z } = await ada.page.evaluate(() => window.orion.app.me.walker);
    let nearest = Number.POSITIVE_INFINITY;
    const watch = ben.on('npcs', () => {
      const view = mira();
      if (view) nearest = Math.min(nearest, Math.hypot(view.x - x, view.z - z));
    });
    await stands(1, -6, 1.8);
    watch();
    expect(nearest).toBeGreaterThan(0.5);
    ben.say('Stop following me.', 'mira');
    await expect.poll(() => mira()?.status, { timeout: 30_000 }).toBe('idle');
    const before = mira();
    walkBen(6, -9);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(mira()?.x).toBeCloseTo(before?.x ?? Number.NaN, 1);
  });

  it('opens the gate when she is there, and everybody sees it open', async () => {
    walkBen(1, -9);
    expect(await ada.page.evaluate(() => window.orion.deeds().gate)).toBe(false);
    ben.say('Mira, please open the gate.', 'mira');
    await ada.page.waitForFunction(() => window.orion.deeds().gate, undefined, {
      timeout: 60_000,
      polling: 200,
    });
    expect(Math.hypot((mira()?.x ?? 0) - 0, (mira()?.z ?? 0) + 11.65)).toBeLessThan(1.8);
    const opened = (room.state as { parley: { opened: Iterable<string> } }).parley.opened;
    expect([...opened]).toContain('gate');
  });

  it('points with her arm at what she shows, and looks there', async () => {
    await expect.poll(() => mira()?.status, { timeout: 40_000 }).toBe('idle');
    ben.say('Show me the telescope.', 'mira');
    await expect.poll(() => mira()?.pointing, { timeout: 30_000, interval: 50 }).toBe(true);
    expect(mira()?.aimX).toBeCloseTo(-6.1, 1);
    const raised = await ada.page.waitForFunction(
      () => {
        const npc = window.orion.app.connection?.parley.npcs.get('mira');
        const nodes = npc?.node.getDescendants(false) ?? [];
        const height = (name: string) => {
          const node = nodes.find((one) => one.name === name);
          return node && 'getAbsolutePosition' in node
            ? (node as unknown as { getAbsolutePosition(): { y: number } }).getAbsolutePosition().y
            : 0;
        };
        return Math.max(height('hand_l'), height('hand_r')) > 1.15;
      },
      undefined,
      { timeout: 20_000, polling: 50 },
    );
    expect(await raised.jsonValue()).toBe(true);
  });
});
