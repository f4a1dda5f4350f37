import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const HERE = new URL('.', import.meta.url);

/**
 * The files that run on PostgreSQL too: those where the database decides how a screen behaves, by amounts, by two who write at once, by
 * changes of the schema, by schedules. How it answers every other request is what the server's own tests compare on both databases.
 */
const ON_POSTGRESQL = [
  'content-types.spec.ts',
  'content-bulk-edit.spec.ts',
  'content-conflicts.spec.ts',
  'media-usages.spec.ts',
  'content-approval.spec.ts',
  'releases-many-entries.spec.ts',
  'content-types-rename-field.spec.ts',
  'content-versions.spec.ts',
  'plugin-install.spec.ts',
  'content-list.spec.ts',
];

for (const file of ON_POSTGRESQL) {
  if (!existsSync(new URL(file, HERE))) throw new Error(`${file} is listed for PostgreSQL, but does not exist`);
}

/** Tests by feature, in a real browser, against a real server; `cargo xtask test e2e` passes where both are. */
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('../src', import.meta.url)) } },
  test: {
    root: fileURLToPath(HERE),
    include: process.env.CAIRN_TEST_DATABASE_URL ? ON_POSTGRESQL : ['**/*.spec.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A server and a browser each: two at a time fill two cores.
    maxWorkers: 2,
    retry: 0,
  },
});
