/// <reference types="vitest/config" />
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { addApiReference } from './bundle/apiReference.ts';
import { groups } from './bundle/chunks.ts';
import { addTypeface } from './bundle/typeface.ts';
import { kib, tooHeavy, weigh } from './bundle/weight.ts';

// The server answers the files under /admin; while developing, Vite does, and passes everything else on.
const server = process.env.CAIRN_URL ?? 'http://127.0.0.1:1337';

/** Compresses what is built, once and as well as can be: the server hands it out as it is. */
function compressedSize(): Plugin {
  let folder = '';
  return {
    name: 'compressed',
    apply: 'build',
    configResolved(config) {
      folder = config.build.outDir;
    },
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|svg|json|webmanifest|txt)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const plain = readFileSync(path);
        // Below a packet or so there is nothing to gain.
        if (plain.length < 512) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(`${path}.br`, brotliCompressSync(plain, { params }));
        writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }));
      }
    },
  };
}

/** Stops a build whose pages load more than they may. */
function checkWeight(): Plugin {
  let folder = '';
  return {
    name: 'weighed',
    apply: 'build',
    configResolved(config) {
      folder = config.build.outDir;
    },
    // After `compressed`: what counts is what goes over the network.
    closeBundle(error) {
      if (error) return;
      const weight = weigh(folder);
      const { home, list, entry } = weight.pages;
      this.info(`scripts of the home page: ${kib(home)}, of a list: ${kib(list)}, of an entry: ${kib(entry)}`);
      const heavy = tooHeavy(weight);
      if (heavy.length === 0) return;
      // Or the next one who looks takes it for built.
      rmSync(join(folder, 'index.html'));
      throw new Error(`the admin UI has become too heavy (bundle/weight.ts)\n  ${heavy.join('\n  ')}`);
    },
  };
}

export default defineConfig({
  base: '/admin/',
  plugins: [react(), addApiReference(), addTypeface(), compressedSize(), checkWeight()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/admin/api': server, '/api': server, '/uploads': server, '/favicon.ico': server } },
  // The server writes another word in its place with each answer; see core/app/src/admin_ui.rs.
  html: { cspNonce: 'CAIRN_CSP_NONCE' },
  build: {
    target: 'es2022',
    sourcemap: false,
    // A small file would become a data: address, which the content security policy forbids for scripts and fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: { groups },
      },
    },
  },
  test: {
    // What a test waits for comes later on a machine that does other work besides; how fast things are is measured elsewhere.
    testTimeout: 30_000,
    // What passes at a later try is listed as flaky by `cargo xtask test`.
    retry: 2,
    projects: [
      {
        extends: true,
        // A document for each file costs more than most of these tests: those that need one say so (`@vitest-environment jsdom`).
        test: { name: 'plain', include: ['src/**/*.test.ts'], environment: 'node' },
      },
      {
        extends: true,
        test: {
          name: 'rendered',
          include: ['src/**/*.test.tsx'],
          environment: 'jsdom',
          setupFiles: ['src/test/setup.ts'],
        },
      },
    ],
  },
});
