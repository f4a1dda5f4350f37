import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const HERE = new URL('.', import.meta.url);

/**
 * The goals that run on PostgreSQL too: those where the database decides how a screen behaves, by amounts, by two who write at once, by
 * changes of the schema, by schedules. How it answers every other request is what the server's own tests compare on both databases.
 */
const ON_POSTGRESQL = [
  'change-the-content-types.spec.ts',
  'change-two-thousand.spec.ts',
  'edit-with-somebody-else.spec.ts',
  'find-where-a-photo-is-used.spec.ts',
  'publish-what-somebody-approved.spec.ts',
  'release-many-at-once.spec.ts',
  'rename-a-field-with-content.spec.ts',
  'restore-a-version.spec.ts',
  'run-a-plugin.spec.ts',
  'work-through-a-list.spec.ts',
];

for (const goal of ON_POSTGRESQL) {
  if (!existsSync(new URL(goal, HERE))) throw new Error(`${goal} is to run on PostgreSQL, and is not there`);
}

/** A user's goal a file, in a real browser, against a real server: `cargo xtask test e2e` tells where both are. */
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
