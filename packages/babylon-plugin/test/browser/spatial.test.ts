import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, type OpenPage, openPage, SOUND, WEBGL } from './open-page.ts';

describe.skipIf(!hasBrowser)('a voice in a hall', () => {
  let open: OpenPage;
  beforeAll(async () => {
    open = await openPage([...WEBGL, ...SOUND]);
  });
  afterAll(() => open?.close());

  it.each([false, true])(
    'comes from its side and fades with distance (right-handed scene: %s)',
    async (rightHanded) => {
      const places = [
        { right: 2, ahead: 0.5 },
        { right: -2, ahead: 0.5 },
        { right: 0, ahead: 2 },
        { right: 0, ahead: 10 },
      ];
      const [right, left, near, far] = await open.page.evaluate(
        ([handed, at]) => window.parleyTest.hearFrom(handed, at),
        [rightHanded, places] as const,
      );
      expect(right.right).toBeGreaterThan(right.left + 3);
      expect(left.left).toBeGreaterThan(left.right + 3);
      expect(near.left - far.left).toBeGreaterThan(11);
      expect(near.left - far.left).toBeLessThan(17);
    },
  );
});
