import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ballObj } from '../../../sdk/test/bind/ball-obj.ts';
import { realTemplate } from '../../../sdk/test/bind/real-template.ts';
import { makeStranger } from '../../../sdk/test/bind/strangers.ts';
import { toObj } from '../support/to-obj.ts';
import { hasBrowser, type OpenPage, openPage, WEBGL, WEBGPU } from './open-page.ts';

/** A person that nobody drew, of unknown pose and size, whose lips are sealed. */
const obj = hasBrowser
  ? new TextDecoder().decode(toObj(makeStranger(realTemplate(), { seed: 5, sealed: true }).mesh))
  : '';

describe.skipIf(!hasBrowser).each([
  { kind: 'webgl2' as const, flags: WEBGL },
  { kind: 'webgpu' as const, flags: WEBGPU },
])('a stranger on $kind', ({ kind, flags }) => {
  let open: OpenPage;
  beforeAll(async () => {
    open = await openPage(flags);
  });
  afterAll(() => open?.close());

  it('is bound in a worker, parts its lips, and has teeth inside', { timeout: 600_000 }, async () => {
    const result = await open.page.evaluate(([k, text]) => window.parleyTest.bindStranger(k, text), [
      kind,
      obj,
    ] as const);
    const { pictures, ...figures } = result;
    console.log(kind, JSON.stringify(figures));
    if (process.env.PICTURES)
      for (const [name, url] of Object.entries(pictures))
        writeFileSync(
          `${process.env.PICTURES}/bind-${kind}-${name}.png`,
          Buffer.from(url.split(',')[1], 'base64'),
        );
    expect(result).toMatchObject({ kind: 'bound', from: ['bound', 'cache'], mouth: 'sealed' });
    expect(result.steps).toEqual(['read', 'load', 'find', 'bind', 'prepare']);
    expect(result.cachedMs).toBeLessThan(result.boundMs);
    // what was kept is ready for the meshes: nothing is checked, joined or given normals again
    expect(Object.keys(result.cachedSteps)).toEqual(['start', 'read', 'hash', 'kept', 'answer', 'apply']);
    expect(result.jawToRest).toBeGreaterThan(2000);
    for (const [rest, jaw] of [result.inside, result.teeth]) {
      expect(rest).toBeLessThan(0.005);
      expect(jaw).toBeGreaterThan(0.03);
    }
    expect(result.gpuToCpu).toBeLessThan(result.jawToRest / 5);
  });
});

describe.skipIf(!hasBrowser)('what cannot be bound', () => {
  it('says so, with what was found; and a binding can be given up', async () => {
    const open = await openPage(WEBGL);
    try {
      const result = await open.page.evaluate(([ball, text]) => window.parleyTest.unboundHeads(ball, text), [
        ballObj(),
        obj,
      ] as const);
      expect(result).toMatchObject({
        name: 'UnsureFaceError',
        landmarks: 468,
        aborted: 'AbortError',
        left: 0,
      });
      expect(result.code).toMatch(/no-face|unsure-face|several-faces/);
      expect(result.message).toMatch(/points/);
    } finally {
      await open.close();
    }
  });
});
