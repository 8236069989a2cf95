import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real engines take all cores, and several tests measure time: one file at a time.
    fileParallelism: false,
    // Machines that run tests are busy; pip alone may take seconds to start.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
