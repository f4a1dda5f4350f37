#!/usr/bin/env node
// The content API against its own description: Schemathesis makes requests of `/api/openapi.json`, right and wrong ones, writes included, as four callers. An
// answer that is a server error, or that the description of that caller does not have, fails.
//
//   BASE=http://127.0.0.1:1337 TOKEN=… READER=… [PYTHON=python3] node fuzz.mjs
//
// TOKEN is a full-access token and READER a read-only one, of a project that may be filled and emptied. PYTHON is an interpreter that has the packages of
// requirements-fuzz.txt. Prints a line for each caller, and `N passed, N failed` at the end, which counts operations.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seed } from './seed.mjs';

const base = (process.env.BASE ?? 'http://127.0.0.1:1337').replace(/\/$/, '');
const token = process.env.TOKEN;
const CHECKS = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance'];
/** Requests that are made up for each operation, besides those of every limit that the description names. */
const EXAMPLES = 10;

/** Entries of each type, users and files that a caller may find, change and delete. */
const OF_EACH = 8;
/** How often a request is for one of these, and not for an id that is made up. */
const KNOWN_IDS = 0.7;

/** Sends JSON, or a form, with the full-access token unless another one is given; returns the JSON of the response. */
async function post(route, body, credential = token) {
  const isForm = body instanceof FormData;
  const headers = { ...(isForm ? {} : { 'Content-Type': 'application/json' }), ...(credential ? { Authorization: `Bearer ${credential}` } : {}) };
  const response = await fetch(`${base}/api/${route}`, { method: 'POST', headers, body: isForm ? body : JSON.stringify(body) });
  if (!response.ok) throw new Error(`POST ${route}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** A user's token: anybody may register with the settings of this suite. */
async function register() {
  return (await post('auth/local/register', { username: 'fuzz', email: 'fuzz@example.org', password: 'secret12' }, null)).jwt;
}

/** Makes what a caller may find: without it, every id that is made up leads to 404. Returns the ids in addresses, of entries and of users and files. */
async function makeTargets(caller) {
  const [documents, numbers] = [[], []];
  for (let n = 0; n < OF_EACH; n += 1) {
    const name = `${caller} ${n}`;
    for (const [route, data] of [['articles', { title: name }], ['authors', { name }], ['tags', { name }]]) {
      documents.push((await post(route, { data })).data.documentId);
    }
    const account = name.replaceAll(' ', '-');
    numbers.push((await post('users', { username: account, email: `${account}@example.org`, password: 'secret12', role: 1 })).id);
    const form = new FormData();
    form.append('files', new Blob([name], { type: 'text/plain' }), `${account}.txt`);
    numbers.push((await post('upload', form))[0].id);
  }
  return { documents, numbers };
}

/** The settings of Schemathesis, which does not follow from the description: which ids there are. */
function describeTargets({ documents, numbers }) {
  const dictionary = (name, values) => `[dictionaries.${name}]\nvalues = ${JSON.stringify(values)}\n`;
  const binding = (parameter, name) => `"path.${parameter}" = { dictionary = "${name}", probability = ${KNOWN_IDS} }\n`;
  const bindings = binding('documentId', 'documents') + binding('id', 'numbers');
  return `${dictionary('documents', documents)}${dictionary('numbers', numbers.map(String))}[parameters]\n${bindings}`;
}

/** Runs Schemathesis as a caller, in a folder of its own: it leaves files where it runs. */
function fuzz({ caller, credential, targets }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'cairn-fuzz-'));
  try {
    const settings = path.join(folder, 'schemathesis.toml');
    writeFileSync(settings, describeTargets(targets));
    return count(caller, runSchemathesis(folder, settings, credential));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runSchemathesis(folder, settings, credential) {
  const args = ['-m', 'schemathesis.cli', '--config-file', settings, 'run', `${base}/api/openapi.json`, '--checks', CHECKS.join(',')];
  args.push('--phases', 'coverage,fuzzing', '--max-examples', String(EXAMPLES), '--seed', '1', '--continue-on-failure', '--no-color');
  if (credential) args.push('--header', `Authorization:Bearer ${credential}`);
  return spawnSync(process.env.PYTHON ?? 'python3', args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 << 20 });
}

/** The operations that passed and failed in a run. A run that breaks off has a failure. */
function count(caller, run) {
  const report = `${run.stdout ?? ''}${run.stderr ?? ''}`;
  const tested = Number(/Tested: (\d+)/.exec(report)?.[1] ?? 0);
  const requests = Number(/(\d+) generated/.exec(report)?.[1] ?? 0);
  const failing = new Set([...report.matchAll(/^_+ ((?:GET|POST|PUT|DELETE) \S+) _+$/gm)].map(([, operation]) => operation)).size;
  const isWell = run.status === 0 && tested > 0;
  if (!isWell) console.log(`${report.slice(-20_000)}${run.error?.message ?? ''}`);
  const failed = isWell ? 0 : Math.max(failing, 1);
  console.log(`as ${caller}: ${Math.max(tested - failed, 0)} operations passed, ${failed} failed, with ${requests} requests`);
  return { passed: Math.max(tested - failed, 0), failed };
}

await seed(base, token);
const callers = [];
for (const [caller, credential] of [
  ['nobody', undefined],
  ['a user', await register()],
  ['a read-only token', process.env.READER],
  // The last one: it deletes what the others read.
  ['a full-access token', token],
]) {
  // All before the first run, which blocks this process for longer than the server keeps a connection.
  callers.push({ caller, credential, targets: await makeTargets(caller) });
}
const counts = callers.map(fuzz);
const sum = (name) => counts.reduce((total, count) => total + count[name], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') ? 1 : 0);
