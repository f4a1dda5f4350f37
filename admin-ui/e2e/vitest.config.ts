import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { extendLimit, STEP_LIMIT } from './harness/patience.ts';

const HERE = new URL('.', import.meta.url);

/** What a file says of itself in its first lines: `// @module-tag full`. An application has a tag of its own: `xtask/src/test/applications.rs`. */
const TAGS = [
  { name: 'crm', description: 'The CRM: run by its own suite, `cargo xtask test crm`' },
  { name: 'esign', description: 'E-signing: run by its own suite, `cargo xtask test esign`' },
  { name: 'journey', description: 'The journey: run by its own suite, `cargo xtask test journey`' },
  { name: 'kb', description: 'The knowledge base: run by its own suite, `cargo xtask test kb`' },
  { name: 'portal', description: 'The customer portal: run by its own suite, `cargo xtask test portal`' },
  {
    name: 'together',
    description: 'The applications together: run by their own suite, `cargo xtask test together`',
  },
  { name: 'full', description: 'Takes long: run by `cargo xtask test --full`, not on every commit' },
  {
    name: 'postgresql',
    description:
      'Runs on PostgreSQL too: the database decides how the screen behaves, by amounts, by two who write at once, by changes of the schema, by schedules',
  },
];

/** Tests by feature, in a real browser, against a real server; `cargo xtask test e2e` passes where both are. */
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('../src', import.meta.url)) } },
  test: {
    root: fileURLToPath(HERE),
    include: ['**/*.spec.ts'],
    tags: TAGS,
    // How the database answers every other request is what the server's own tests compare on both.
    ...(process.env.CAIRN_TEST_DATABASE_URL ? { tagsFilter: ['postgresql'] } : {}),
    environment: 'node',
    // How fast screens are is measured, not tested.
    testTimeout: extendLimit(60_000),
    hookTimeout: extendLimit(60_000),
    expect: { poll: { timeout: STEP_LIMIT } },
    // A server and a browser each: two at a time fill two cores.
    maxWorkers: 2,
    // `cargo xtask test` runs a file that failed again, from the beginning.
    retry: 0,
  },
});
