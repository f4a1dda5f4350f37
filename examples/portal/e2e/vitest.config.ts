import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests in a real browser, against the built site and a real Cairn; `npm run test:e2e`. The gate runs those without the tag `full`. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['**/*.spec.ts'],
    globalSetup: ['./harness/global-setup.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    tags: [{ name: 'full', description: 'sweeps over all languages, schemes and widths, which the gate leaves out' }],
    // Files share one process, its sign-ins and the browser: starting these costs more than the tests.
    maxWorkers: 1,
    isolate: false,
  },
});
