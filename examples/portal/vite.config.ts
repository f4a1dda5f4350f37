import { defineConfig } from 'vitest/config';

/** One file for Node; packages stay outside of it, and are read from `node_modules`. */
export default defineConfig({
  publicDir: false,
  build: { ssr: 'src/main.ts', outDir: 'dist', target: 'node20', emptyOutDir: true },
  test: { include: ['src/**/*.test.{ts,tsx}'], environment: 'node' },
});
