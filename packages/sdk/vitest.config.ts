import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The runtimes load models; machines that run tests are busy.
    testTimeout: 30_000,
  },
});
