#!/usr/bin/env node
// The tests: those that need no server, and with a Cairn also those against it and against the types of the sample projects.
//
//   [CAIRN_BINARY=target/debug/cairn] node test/run.mjs
//
// Prints `N passed, N failed` at the end. A folder whose types are compiled is one test.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const client = path.dirname(here);
const repository = path.resolve(client, '../..');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const cairn = process.env.CAIRN_BINARY && path.resolve(process.env.CAIRN_BINARY);

/** Projects whose types the files in `server/` use; of the samples that only have plugins, their plugins. */
const PROJECTS = {
  sample: { folder: '.' },
  clients: { folder: 'core/server/tests/clients/project' },
  donkervoort: { plugins: { journey: 'journey', esign: 'esign', portal: 'portal', kb: 'knowledge-base' } },
  'mr-dj': { plugins: { crm: 'crm', esign: 'esign', kb: 'knowledge-base' } },
};

const total = { passed: 0, failed: 0 };
const scratch = mkdtempSync(path.join(tmpdir(), 'cairn-client-'));
try {
  rmSync(path.join(client, 'build'), { recursive: true, force: true });
  check('types of the package', compile('tsconfig.json'));
  check('types of the tests', compile('test/tsconfig.json'));
  runTests('build/test');
  // The package beside this one is a single file.
  check('the script of live previews', run(process.execPath, ['--test'], { cwd: path.join(repository, 'clients/preview') }));
  if (cairn) {
    for (const [name, project] of Object.entries(PROJECTS)) check(`types of ${name}`, generateTypes(name, project));
    check('types of calls in the sample projects', compile('test/server/tsconfig.json'));
    runTests('build/test/server');
  } else {
    console.log('without a server and the types of projects: CAIRN_BINARY is not set');
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed ? 1 : 0;

function check(name, passed) {
  total[passed ? 'passed' : 'failed'] += 1;
  if (!passed) console.log(`FAIL ${name}`);
}

function run(program, args, options) {
  return spawnSync(program, args, { cwd: client, stdio: ['ignore', 'inherit', 'inherit'], ...options }).status === 0;
}

function compile(config) {
  return run(process.execPath, [tsc, '-p', config]);
}

function generateTypes(name, { folder, plugins = {} }) {
  const project = folder ? path.join(repository, folder) : path.join(scratch, name);
  for (const [id, source] of Object.entries(plugins)) {
    for (const part of ['plugin.toml', 'content-types']) {
      cpSync(path.join(repository, 'plugins', source, part), path.join(project, 'plugins', id, part), { recursive: true });
    }
  }
  return run(cairn, ['types', '--project', project, '--out', path.join(here, `server/projects/${name}.ts`)]);
}

function runTests(folder) {
  const files = readdirSync(path.join(client, folder)).filter((file) => file.endsWith('.test.js'));
  const counts = path.join(scratch, 'counts');
  const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout', '--test-reporter=tap'];
  const args = ['--test', ...reporters, `--test-reporter-destination=${counts}`, ...files.map((file) => path.join(folder, file))];
  const passed = run(process.execPath, args, { env: { ...process.env, CAIRN_BINARY: cairn, CAIRN_REPOSITORY: repository } });
  const text = readFileSync(counts, 'utf8');
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  total.passed += count('pass');
  total.failed += count('fail') + count('cancelled');
  // A run that breaks off has no failed test.
  if (!passed && count('fail') + count('cancelled') === 0) check(`tests in ${folder}`, false);
}
