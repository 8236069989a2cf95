import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, type OpenPage, openPage, WEBGL, WEBGPU } from './open-page.ts';
import type { BasisDifference } from './page/basis.ts';

/** Set PICTURES to a folder to look at what was rendered. */
function keep(name: string, { gpuPicture, cpuPicture, restPicture }: BasisDifference): void {
  const folder = process.env.PICTURES;
  if (!folder) return;
  for (const [path, url] of Object.entries({ gpu: gpuPicture, cpu: cpuPicture, rest: restPicture })) {
    writeFileSync(`${folder}/${name}-${path}.png`, Buffer.from(url.split(',')[1], 'base64'));
  }
}

describe.skipIf(!hasBrowser).each([
  { kind: 'webgl2' as const, flags: WEBGL },
  { kind: 'webgpu' as const, flags: WEBGPU },
])('the basis on $kind', ({ kind, flags }) => {
  let open: OpenPage;
  beforeAll(async () => {
    open = await openPage(flags);
  });
  afterAll(() => open?.close());

  it.each([
    { material: 'file' as const, shadow: false, head: 'template' as const },
    { material: 'file' as const, shadow: true, head: 'template' as const },
    { material: 'file' as const, shadow: false, head: 'bust' as const },
  ])('shows the CPU path on $head, shadow $shadow', async ({ material, shadow, head }) => {
    const result = await open.page.evaluate(([k, m, s, h]) => window.parleyTest.gpuAgainstCpu(k, m, s, h), [
      kind,
      material,
      shadow,
      head,
    ] as const);
    keep(`${kind}-${material}-${shadow}-${head}`, result);
    console.log(
      `${kind} ${head} shadow ${shadow}: GPU to CPU ${result.gpuToCpu}, pose to rest ${result.poseToRest} of 262144 pixels`,
    );
    expect(result.poseToRest).toBeGreaterThan(5000);
    expect(result.gpuToCpu).toBeLessThan(result.poseToRest / 20);
  });
});
