import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Parsing and exploring on a busy machine takes its time; results do not depend on it.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What tests start keeps its answers apart from those of whoever runs the tests.
    env: { DEADHEAT_CACHE_DIR: join(tmpdir(), 'deadheat-test-cache') },
  },
});
