import { expect, test } from 'vitest';
import { chooseWhisper } from '../../src/engines/asr/choose-whisper.ts';

const LARGE = { hasCuda: false, cores: 8, memoryBytes: 16e9, hasSmall: true };

test.each([
  ['en', {}, 'whisper-base', 'auto'],
  ['en,es', {}, 'whisper-base', 'auto'],
  ['fr', {}, 'whisper-small', 'for fr'],
  ['en,hi,fr', {}, 'whisper-small', 'for hi, fr'],
  ['auto', {}, 'whisper-small', 'for any language'],
  ['fr', { cores: 2 }, 'whisper-base', 'wants CUDA or 4 cores'],
  ['fr', { cores: 2, hasCuda: true }, 'whisper-small', 'for fr'],
  ['fr', { memoryBytes: 4e9 }, 'whisper-base', 'wants 8 GB'],
  ['fr', { hasSmall: false }, 'whisper-base', 'parley models fetch whisper-small'],
] as const)('%s on %o: %s', (language, differences, model, because) => {
  const chosen = chooseWhisper({ ...LARGE, ...differences, language });
  expect(chosen.model).toBe(model);
  expect(chosen.because).toContain(because);
});
