import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { extendLimit, STEP_LIMIT } from '../harness/patience.ts';

/**
 * Takes the pictures of `docs/screenshots`: `cargo xtask shots`, or `npm run pictures` with a build in `dist`, the components of the plugins in
 * `target/plugins`, and the server's binary in `CAIRN_BINARY`. A part of the name of a file takes only its pictures.
 */
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('../../src', import.meta.url)) } },
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['**/*.pictures.ts'],
    environment: 'node',
    testTimeout: extendLimit(180_000),
    hookTimeout: extendLimit(180_000),
    expect: { poll: { timeout: STEP_LIMIT } },
    // Pictures are compared by people: one after the other, so that nothing is taken half drawn.
    fileParallelism: false,
  },
});
