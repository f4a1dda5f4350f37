#!/usr/bin/env node
// Sends the cases in cases/ to a GraphQL server and compares the answers with those that Strapi gave, in golden/.
//
//   node run.mjs                     compares; what differs must be listed in differences.json, and what is listed must differ
//   node run.mjs --record            writes the answers to golden/ instead
//   node run.mjs --only sort,one     only these areas, or cases whose name begins so
//   node run.mjs --show ID           prints the answers of a case and compares nothing
//
// Environment: BASE, the server's address; FULL_TOKEN and READ_TOKEN, its API tokens; FIXTURES, the folder of the conformance suite's
// fixtures, which are what the cases start from. Node 20, no packages.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCases } from './cases.mjs';
import { compareSchemas, introspectionQuery, parseSchema, printSchema } from './schema.mjs';
import { differences, Differences } from './differences.mjs';
import { Normaliser } from './normalise.mjs';
import { Server } from './server.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const options = { record: false, only: null, show: false };
for (let i = 2; i < process.argv.length; i++) {
  const argument = process.argv[i];
  if (argument === '--record') options.record = true;
  else if (argument === '--only') options.only = process.argv[++i].split(',');
  else if (argument === '--show') {
    options.only = process.argv[++i].split(',');
    options.show = true;
  } else {
    console.error(`run.mjs: unknown option ${argument}`);
    process.exit(2);
  }
}
for (const name of ['BASE', 'FULL_TOKEN', 'READ_TOKEN', 'FIXTURES']) {
  if (!process.env[name]) {
    console.error(`run.mjs: ${name} is not set`);
    process.exit(2);
  }
}

const server = new Server(process.env.BASE, process.env.FULL_TOKEN, process.env.READ_TOKEN, process.env.FIXTURES);
const isWanted = (area, id) => !options.only || options.only.some((name) => area === name || id.startsWith(name));
const cases = readCases(path.join(here, 'cases')).filter(({ area, id }) => isWanted(area, id));
// Cases on the same untouched content follow each other: making it anew takes longest.
cases.sort((a, b) => a.area.localeCompare(b.area) || a.fixture.localeCompare(b.fixture) || Number(a.mutates) - Number(b.mutates));

const listed = new Differences(path.join(here, 'differences.json'));
const recorded = new Map();
const golden = new Map();
const count = { passed: 0, failed: 0, equal: 0, differing: 0 };

function goldenOf({ area, id }) {
  if (!golden.has(area)) {
    const file = path.join(here, 'golden', `${area}.json`);
    golden.set(area, fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {});
  }
  return golden.get(area)[id];
}

/** Counts a case by what is different in it. */
function judge(id, found) {
  const unlisted = found.filter((difference) => !listed.explain(id, difference));
  if (unlisted.length > 0) {
    count.failed += 1;
    console.log(`FAIL ${id}`);
    for (const { at, want, got } of unlisted.slice(0, 12)) console.log(`     ${at}: want ${want}, got ${got}`);
    if (unlisted.length > 12) console.log(`     and ${unlisted.length - 12} more`);
    return;
  }
  count.passed += 1;
  count[found.length > 0 ? 'differing' : 'equal'] += 1;
}

/** Writes what was recorded of an area. */
function keep(area) {
  const file = path.join(here, 'golden', `${area}.json`);
  const before = options.only && fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
  const all = { ...before, ...recorded.get(area) };
  const lines = Object.keys(all)
    .sort()
    .map((id) => `${JSON.stringify(id)}: [\n${all[id].map((answer) => `  ${JSON.stringify(answer)}`).join(',\n')}\n]`);
  fs.writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
}

async function runCase(one) {
  const variables = await server.prepare(one.fixture);
  if (one.mutates) server.isUntouched = false;
  const normaliser = new Normaliser(variables);
  const answers = [];
  for (const step of one.steps) {
    const answer = await server.send(step, variables);
    answers.push(normaliser.normalise(answer));
  }
  return answers;
}

for (const one of cases) {
  let answers;
  try {
    answers = await runCase(one);
  } catch (error) {
    server.isUntouched = false;
    answers = [{ failure: error.message }];
  }
  if (options.show) {
    for (const answer of answers) console.log(`# ${one.id}\n${JSON.stringify(answer, null, 1)}`);
  } else if (options.record) {
    if (!recorded.has(one.area)) recorded.set(one.area, {});
    recorded.get(one.area)[one.id] = answers;
    keep(one.area);
    if (answers[0].failure) console.log(`FAIL ${one.id}: ${answers[0].failure}`);
  } else {
    judge(one.id, differences(goldenOf(one) ?? null, answers));
  }
}

const schemaFile = path.join(here, 'golden/schema.graphql');
if (isWanted('schema', 'schema')) {
  const answer = await server.ask(introspectionQuery, {}, 'token');
  if (answer.body?.data === undefined) throw new Error(`no introspection: ${JSON.stringify(answer.body)}`);
  const schema = printSchema(answer.body.data.__schema);
  if (options.show) console.log([...schema.values()].join('\n\n'));
  else if (options.record) fs.writeFileSync(schemaFile, `${[...schema.values()].join('\n\n')}\n`);
  else for (const [id, found] of compareSchemas(parseSchema(fs.readFileSync(schemaFile, 'utf8')), schema)) judge(id, found);
}

if (options.record) {
  console.log(`${cases.length} cases recorded`);
} else if (!options.show) {
  // Only a whole run can tell that a listed difference is gone.
  for (const stale of options.only ? [] : listed.unused()) {
    count.failed += 1;
    console.log(`FAIL ${stale}: listed in differences.json, and does not occur any more`);
  }
  console.log(`${count.equal} as Strapi, ${count.differing} with listed differences`);
  console.log(`${count.passed} passed, ${count.failed} failed`);
  process.exitCode = count.failed > 0 ? 1 : 0;
}
