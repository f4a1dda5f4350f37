import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** How long customers wait, with a thousand of them; `cargo xtask bench --portal` runs it. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('speed', import.meta.url)),
    include: ['*.spec.ts'],
    environment: 'node',
    testTimeout: 900_000,
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
