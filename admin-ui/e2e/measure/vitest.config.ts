import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { extendLimit } from '../harness/patience.ts';

/**
 * Prints how quick the admin is: `npm run measure`, with a build in `dist` and the server's binary in `CAIRN_BINARY`. Times depend on the machine and are
 * not checked; what the pages load is held to the budgets of `bundle/weight.ts`.
 */
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('../../src', import.meta.url)) } },
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['**/*.measure.ts'],
    environment: 'node',
    testTimeout: extendLimit(600_000),
    hookTimeout: extendLimit(60_000),
    // One after the other: two at a time would measure each other.
    fileParallelism: false,
  },
});
