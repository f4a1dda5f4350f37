import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** A user's goal a file, in a real browser, against a real server: `cargo xtask test e2e` tells where both are. */
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('../src', import.meta.url)) } },
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['**/*.spec.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A server and a browser each: two at a time fill two cores.
    maxWorkers: 2,
    retry: 0,
  },
});
