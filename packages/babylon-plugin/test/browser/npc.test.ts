import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { hasBrowser, type OpenPage, openPage, SOUND, WEBGL } from './open-page.ts';
import type { Talk } from './page/npc.ts';

const worst = (values: number[]): number => Math.max(...values.map(Math.abs));
const p95 = (values: number[]): number =>
  values.map(Math.abs).toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)];

function keep(name: string, { pictures }: Talk): void {
  const folder = process.env.PICTURES;
  if (!folder) return;
  for (const [moment, url] of Object.entries(pictures)) {
    writeFileSync(`${folder}/npc-${name}-${moment}.png`, Buffer.from(url.split(',')[1], 'base64'));
  }
}

describe.skipIf(!hasBrowser)('an NPC in a browser', () => {
  let open: OpenPage;
  afterEach(() => open?.close());

  it.each([
    { head: '/heads/bust.obj', agoMs: 0 },
    { head: '/heads/guide.glb', agoMs: 0 },
    { head: '/parley/template.obj', agoMs: 2500 },
  ])(
    '$head speaks in step, is interrupted, looks around and leaves nothing ($agoMs ms late)',
    async ({ head, agoMs }) => {
      open = await openPage([...WEBGL, ...SOUND]);
      const result = await open.page.evaluate(([h, ago, look]) => window.parleyTest.talk(h, ago, look), [
        head,
        agoMs,
        process.env.PICTURES !== undefined,
      ] as const);
      keep(head.replaceAll(/\W/g, ''), result);
      console.log(
        `${head}: ${result.syncErrorsMs.length} frames with sound, sync worst ${worst(result.syncErrorsMs).toFixed(1)} ms, 95 % within ${p95(result.syncErrorsMs).toFixed(1)} ms; jaw ${result.jawSpeaking.toFixed(2)} speaking, ${result.jawIdle.toFixed(3)} idle, ${result.jawAfterStop.toFixed(3)} after stop; gaze ${result.yawLeft.toFixed(2)}/${result.yawRight.toFixed(2)}; ${result.underruns} underruns; lag ${result.behindMs.at(-1)?.toFixed(0)} ms; ${JSON.stringify(result.took)}`,
      );
      expect(result.syncErrorsMs.length).toBeGreaterThan(10);
      expect(p95(result.syncErrorsMs)).toBeLessThan(20);
      expect(result.jawSpeaking).toBeGreaterThan(0.04);
      expect(result.jawIdle).toBeLessThan(0.02);
      expect(result.jawAfterStop).toBeLessThan(0.02);
      expect(result.status).toEqual(['speaking', 'idle']);
      expect(result.captions).toEqual(['Hello', '']);
      expect(result.yawLeft).toBeGreaterThan(0.2);
      expect(result.yawRight).toBeLessThan(-0.2);
      expect(result.missing).toEqual([]);
      expect(result.greetings).toBe(2);
      expect(
        Object.values(result.left).every((count) => count === 0),
        JSON.stringify(result.left),
      ).toBe(true);
    },
  );
});
