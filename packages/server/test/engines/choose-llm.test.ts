import { expect, test } from 'vitest';
import { chooseLlm } from '../../src/engines/llm/choose-llm.ts';

test.each([
  [4, 0, null],
  [16, 0, '1.5B'],
  [16, 4, '1.5B'],
  [8, 12, '7B'],
  [256, 0, '1.5B'],
])('%i GB free, %i GB on the card: %s', (free, gpu, size) => {
  const chosen = chooseLlm({ freeBytes: free * 1e9, gpuBytes: gpu * 1e9 });
  if (size === null) expect(chosen).toBeNull();
  else expect(chosen?.uri).toContain(size);
});
