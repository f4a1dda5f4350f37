#!/usr/bin/env node
// The content API against its own description: Schemathesis makes requests of `/api/openapi.json`, right and wrong ones, writes included, as four callers. An
// answer that is a server error, or that the description of that caller does not have, fails.
//
//   BASE=http://127.0.0.1:1337 TOKEN=… READER=… [PYTHON=python3] node fuzz.mjs
//
// TOKEN is a full-access token and READER a read-only one, of a project that may be filled and emptied. PYTHON is an interpreter that has the packages of
// requirements-fuzz.txt. Prints a line for each caller, and `N passed, N failed` at the end, which counts operations.
import { spawnSync } from 'node:child_process';
import { seed } from './seed.mjs';

const base = (process.env.BASE ?? 'http://127.0.0.1:1337').replace(/\/$/, '');
const token = process.env.TOKEN;
const CHECKS = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance'];
/** Requests that are made up for each operation, besides those of every limit that the description names. */
const EXAMPLES = 10;

/** A user's token: anybody may register with the settings of this suite. */
async function register() {
  const body = JSON.stringify({ username: 'fuzz', email: 'fuzz@example.org', password: 'secret12' });
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${base}/api/auth/local/register`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`nobody can register: ${response.status} ${await response.text()}`);
  return (await response.json()).jwt;
}

function fuzz(caller, credential) {
  const args = ['-m', 'schemathesis.cli', 'run', `${base}/api/openapi.json`, '--checks', CHECKS.join(',')];
  args.push('--phases', 'coverage,fuzzing', '--max-examples', String(EXAMPLES), '--seed', '1', '--continue-on-failure', '--no-color');
  if (credential) args.push('--header', `Authorization:Bearer ${credential}`);
  const run = spawnSync(process.env.PYTHON ?? 'python3', args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  const report = `${run.stdout ?? ''}${run.stderr ?? ''}`;
  const tested = Number(/Tested: (\d+)/.exec(report)?.[1] ?? 0);
  const failing = new Set([...report.matchAll(/^_+ ((?:GET|POST|PUT|DELETE) \S+) _+$/gm)].map(([, operation]) => operation)).size;
  const isWell = run.status === 0 && tested > 0;
  if (!isWell) console.log(report.slice(-20_000));
  const failed = isWell ? 0 : Math.max(failing, 1);
  console.log(`as ${caller}: ${Math.max(tested - failed, 0)} operations passed, ${failed} failed`);
  return { passed: Math.max(tested - failed, 0), failed };
}

await seed(base, token);
const callers = [
  ['nobody', undefined],
  ['a user', await register()],
  ['a read-only token', process.env.READER],
  // The last one: it deletes what the others read.
  ['a full-access token', token],
];
const counts = callers.map(([caller, credential]) => fuzz(caller, credential));
const sum = (name) => counts.reduce((total, count) => total + count[name], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') ? 1 : 0);
