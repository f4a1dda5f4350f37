// Imports a large project of a real Strapi: whole, killed on the way, from its database, and undone. BINARY: the program; FIXTURES: the folder
// with Strapi's project; STRAPI: where it is installed; STRAPI4: where Strapi 4 is; PROJECTS: an empty folder; ROWS, FILES: the size; ARCHIVE: one of
// STRAPI that is there already.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { importStrapi4 } from './strapi4.mjs';

const { ARCHIVE, BINARY, FIXTURES, STRAPI, STRAPI4, PROJECTS, ROWS = '100000', FILES = '1000' } = process.env;
const KILLS = 10;
const MAX_MIB = 512;

let passed = 0;
const failed = [];

function check(name, holds, found = '') {
  if (holds) passed += 1;
  else failed.push(name);
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}${holds ? '' : `: ${found}`}`);
}

/** Runs `cairn import`; kills it after `killedAfter` milliseconds if it still runs. */
function runImport(args, { killedAfter } = {}) {
  return new Promise((resolve, reject) => {
    const began = Date.now();
    const child = spawn(BINARY, ['import', ...args], { env: { ...process.env, CAIRN_LOG: 'error' } });
    let [out, message, peak] = ['', '', 0];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (message += text));
    child.on('error', reject);
    const watching = setInterval(() => {
      try {
        const status = fs.readFileSync(`/proc/${child.pid}/status`, 'utf8');
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      } catch {
        // It has just ended.
      }
    }, 100);
    const killing = killedAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killedAfter);
    child.on('close', (status, signal) => {
      clearInterval(watching);
      clearTimeout(killing);
      resolve({ status, wasKilled: signal === 'SIGKILL', out, message, peak, seconds: (Date.now() - began) / 1000 });
    });
  });
}

/** A report without what tells an archive from a database. */
function comparable(out) {
  const { source, archivedAt, ...report } = JSON.parse(out);
  return JSON.stringify(report);
}

function strapi(script, ...args) {
  const env = { ...process.env, STRAPI_TELEMETRY_DISABLED: 'true', STRAPI_DISABLE_UPDATE_NOTIFICATION: 'true', CI: '1' };
  execFileSync('node', [script, ...args], { cwd: STRAPI, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

function makeArchive() {
  if (ARCHIVE) return ARCHIVE;
  execFileSync(path.join(FIXTURES, 'make.sh'), [STRAPI, path.join(PROJECTS, 'fixtures')], { stdio: ['ignore', 'ignore', 'inherit'] });
  strapi('grow.js', ROWS, FILES);
  const archive = path.join(STRAPI, 'grown.tar.gz');
  fs.rmSync(archive, { force: true });
  strapi('node_modules/@strapi/strapi/bin/strapi.js', 'export', '--no-encrypt', '-f', 'grown');
  return archive;
}

const project = (name) => path.join(PROJECTS, name);
const started = Date.now();
const archive = makeArchive();
console.log(`Strapi exported ${ROWS} rows and ${FILES} files after ${Math.round((Date.now() - started) / 1000)} s`);

for (const name of ['whole', 'killed', 'direct']) fs.mkdirSync(project(name), { recursive: true });
const store = (source, name, options) => runImport(['strapi', source, '--yes', '--json', '--project', project(name)], options);
const whole = await store(archive, 'whole');
check('the archive is imported', whole.status === 0, whole.message);
if (whole.status === 0) {
  const { types, links, hashes } = JSON.parse(whole.out);
  const articles = types['api::article.article'];
  console.log(`${articles.imported} articles, ${links.imported} links in ${whole.seconds.toFixed(1)} s, ${whole.peak.toFixed(0)} MiB`);
  check('all articles are imported', articles.imported === articles.inArchive && articles.imported >= Number(ROWS), JSON.stringify(articles));
  check('all links are imported', links.imported === links.inArchive, JSON.stringify(links));
  check('each type has a hash', Object.values(hashes).every((hash) => /^[0-9a-f]{64}$/.test(hash)), JSON.stringify(hashes));
  check(`the import stays below ${MAX_MIB} MiB`, whole.peak < MAX_MIB, `${whole.peak.toFixed(0)} MiB`);

  let killed = 0;
  // From the first reading to the last write. How long an import takes varies: one that ends earlier is undone, and the next is killed earlier.
  for (let [turn, limit] = [1, whole.seconds * 1000]; turn <= 2 * KILLS && killed < KILLS; turn += 1) {
    const { wasKilled, status, message } = await store(archive, 'killed', { killedAfter: (limit * (killed + 1)) / (KILLS + 1) });
    if (wasKilled) {
      killed += 1;
      continue;
    }
    check(`import ${turn} ends well or is killed`, status === 0, message);
    await runImport(['undo', '--yes', '--project', project('killed')]);
    limit *= 0.8;
  }
  const last = await store(archive, 'killed');
  check(`the import goes on after ${KILLS} kills`, killed === KILLS && last.status === 0, `${killed} kills: ${last.message}`);
  check('it has the same content', last.status === 0 && comparable(last.out) === comparable(whole.out), last.out.slice(0, 2000));

  const direct = await store(STRAPI, 'direct');
  check('the database is imported', direct.status === 0, direct.message);
  check('it has the content of the archive', direct.status === 0 && comparable(direct.out) === comparable(whole.out), direct.out.slice(0, 2000));
  console.log(`from the database in ${direct.seconds.toFixed(1)} s, ${direct.peak.toFixed(0)} MiB`);

  const undone = await runImport(['undo', '--yes', '--project', project('whole')]);
  check('the import is undone', undone.status === 0 && !fs.existsSync(path.join(project('whole'), 'content-types')), undone.message);
  const again = await store(archive, 'whole');
  check('it is imported again', again.status === 0 && comparable(again.out) === comparable(whole.out), again.message);
}
await importStrapi4({ fixtures: FIXTURES, strapi: STRAPI4, project, runImport, comparable, check });
console.log(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
