import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * The story of a customer, and what the portal promises about other people's data, against a real Cairn with all plugins; `cargo xtask test --full site` runs
 * all of it, the gate what is not tagged `full`.
 */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.spec.ts'],
    environment: 'node',
    tags: [{ name: 'full', description: 'takes minutes, or needs PostgreSQL' }],
    testTimeout: 900_000,
    hookTimeout: 300_000,
    // Times are compared: whatever runs beside would be measured with them.
    fileParallelism: false,
  },
});
