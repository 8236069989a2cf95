import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A browser starts, on machines that are busy.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
