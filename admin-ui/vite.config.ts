/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The server answers the files under /admin; while developing, Vite does, and passes everything else on.
const server = process.env.CAIRN_URL ?? 'http://127.0.0.1:1337';

export default defineConfig({
  base: '/admin/',
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/admin/api': server, '/api': server, '/uploads': server } },
  build: {
    target: 'es2022',
    sourcemap: false,
    // A small file would become a data: address, which the content security policy forbids for scripts and fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/test/setup.ts'] },
});
