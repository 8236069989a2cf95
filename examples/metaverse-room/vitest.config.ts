import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Browsers, engines and software rendering share the machine: one file at a time.
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 420_000,
  },
});
