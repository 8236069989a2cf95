import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/browser/build-page.ts'],
    // The browser tests measure time: one at a time.
    fileParallelism: false,
    // Pages that are drawn without a GPU starve now and then.
    retry: 1,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
