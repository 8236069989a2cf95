import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Browsers, engines and software rendering share the machine: one file at a time.
    fileParallelism: false,
    // Real engines answer in their own words, and pages drawn without a GPU starve now and then.
    retry: 1,
    testTimeout: 240_000,
    hookTimeout: 420_000,
  },
});
