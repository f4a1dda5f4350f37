#!/usr/bin/env node
// Public clients of Strapi, as published, against a server with the content types of project/ and the settings of settings.json.
//
//   BASE=http://127.0.0.1:1337 TOKEN=… CLIENT_DIR=folder-with-node_modules [PYTHON=python3] node run.mjs
//
// TOKEN is a full-access token, and the project must have no content yet. PYTHON is an interpreter that has the packages of
// requirements.txt; without it the Python clients are left out. Prints a line for each client, and `N passed, N failed` at the end.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Packages } from './packages.mjs';
import { seed } from './seed.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const base = (process.env.BASE ?? 'http://127.0.0.1:1337').replace(/\/$/, '');
const token = process.env.TOKEN;
const packages = new Packages(path.resolve(process.env.CLIENT_DIR ?? here));

// Those that only read come first: they count the seeded entries, and the others write.
const CLIENTS = [
  ['gatsby-source-strapi', 'gatsby-source-strapi.mjs'],
  ['strapi-community-astro-loader', 'strapi-community-astro-loader.mjs'],
  ['@sensinum/astro-strapi-loader', 'sensinum-astro-strapi-loader.mjs'],
  ['@strapi/blocks-react-renderer', 'blocks-react-renderer.mjs'],
  ['@strapi/client', 'strapi-client.mjs'],
  ['strapi-sdk-js', 'strapi-sdk-js.mjs'],
  ['@nuxtjs/strapi', 'nuxtjs-strapi.mjs'],
  ['@kmariappan/strapi-client-js', 'kmariappan-strapi-client-js.mjs'],
  ['@refinedev/strapi-v4', 'refinedev-strapi-v4.mjs'],
  ['ra-strapi', 'ra-strapi.mjs'],
  ['strapi-mcp', 'strapi-mcp.mjs'],
];

const total = { passed: 0, failed: 0 };

async function runClient(name, file) {
  const counts = { passed: 0, failed: 0 };
  const call = async (what, steps) => {
    try {
      await steps();
      counts.passed += 1;
    } catch (error) {
      counts.failed += 1;
      console.log(`FAIL ${name}: ${what}: ${describe(error)}`);
    }
  };
  try {
    const { default: calls } = await import(`./calls/${file}`);
    await calls({ packages, base, token, seeded, call });
  } catch (error) {
    counts.failed += 1;
    console.log(`FAIL ${name}: ${describe(error)}`);
  }
  report(`${name} ${packages.version(name)}`, counts);
}

function report(title, { passed, failed }) {
  total.passed += passed;
  total.failed += failed;
  console.log(`${title}: ${passed} passed, ${failed} failed`);
}

// Clients throw what they like: errors, answers of the server, plain objects.
function describe(error) {
  const body = error?.response?.data ?? error?.error ?? error?.errors;
  const text = error?.message ? `${error.message} ${body ? JSON.stringify(body) : ''}` : JSON.stringify(error);
  return String(text).replace(/\s+/g, ' ').slice(0, 600);
}

function runPythonClients(python) {
  const run = spawnSync(python, [path.join(here, 'clients.py')], {
    env: { ...process.env, BASE: base, TOKEN: token },
    encoding: 'utf8',
  });
  const lines = (run.stdout ?? '').trim().split('\n');
  let clients = 0;
  for (const line of lines) {
    const [, title, passed, failed] = /^(.+): (\d+) passed, (\d+) failed$/.exec(line) ?? [];
    if (title) {
      clients += 1;
      report(title, { passed: Number(passed), failed: Number(failed) });
    } else {
      console.log(line);
    }
  }
  if (run.status !== 0 || clients === 0) {
    total.failed += 1;
    console.log(`FAIL clients.py: ${run.error?.message ?? run.stderr}`);
  }
}

const seeded = await seed(base, token);
for (const [name, file] of CLIENTS) await runClient(name, file);
if (process.env.PYTHON) runPythonClients(process.env.PYTHON);
console.log(`${total.passed} passed, ${total.failed} failed`);
// Not left to the end of all handles: some clients keep sockets open.
process.exit(total.failed ? 1 : 0);
