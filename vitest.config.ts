import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Parsing and exploring on a busy machine takes its time; results do not depend on it.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
