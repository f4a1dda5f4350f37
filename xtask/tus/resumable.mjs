// Uploads by tus-js-client against a server that is killed while they are under way. Called by `cargo xtask test tus`.
//   BINARY, PROJECT, LISTEN, TOKEN, MODULES (the folder that holds node_modules), MIB (default 64)
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const { BINARY, PROJECT, LISTEN, TOKEN, MODULES } = process.env;
const MIB = Number(process.env.MIB ?? 64);
const tus = createRequire(path.join(MODULES, 'noop.js'))('tus-js-client');
const base = `http://${LISTEN}`;
const endpoint = `${base}/api/upload/resumable`;
const headers = { Authorization: `Bearer ${TOKEN}` };

let server;
async function start() {
  server = spawn(BINARY, ['serve', '--project', PROJECT, '--listen', LISTEN], { stdio: 'ignore' });
  for (let i = 0; i < 1200; i++) {
    try {
      if ((await fetch(`${base}/_health`)).status === 204) return;
    } catch {}
    await sleep(50);
  }
  throw new Error('the server did not start');
}
async function kill() {
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await gone;
}

// A file of random bytes; its path and hash.
function file(name, mib) {
  const at = path.join(tmpdir(), `cairn-tus-${process.pid}-${name}`);
  const hash = createHash('sha256');
  const fd = openSync(at, 'w');
  for (let i = 0; i < mib; i++) {
    const bytes = randomBytes(1 << 20);
    hash.update(bytes);
    writeSync(fd, bytes);
  }
  closeSync(fd);
  return { at, name, size: mib << 20, hash: hash.digest('hex') };
}

function upload(f, options = {}) {
  const { progress, ...rest } = options;
  let upload;
  const done = new Promise((resolve, reject) => {
    upload = new tus.Upload(createReadStream(f.at), {
      endpoint,
      headers,
      uploadSize: f.size,
      chunkSize: 4 << 20,
      retryDelays: [100, 300, 500, 1000, 1000, 2000, 2000, 3000, 3000, 5000],
      metadata: { filename: f.name, filetype: 'application/octet-stream', caption: `of ${f.name}` },
      onError: reject,
      onProgress: (sent) => progress?.(sent, upload),
      onSuccess: () => resolve(upload),
      ...rest,
    });
    upload.start();
  });
  return { upload, done };
}

async function stored(url) {
  const response = await fetch(url, { headers });
  const { data } = await response.json();
  const hash = createHash('sha256');
  // Not compressed: undoing that takes Node longer than everything else here.
  const plain = { 'Accept-Encoding': 'identity' };
  for await (const bytes of (await fetch(base + data.file.url, { headers: plain })).body) hash.update(bytes);
  return { ...data, hash: hash.digest('hex') };
}

let passed = 0;
let failed = 0;
async function check(name, run) {
  const began = Date.now();
  try {
    await run();
    passed++;
    console.log(`ok ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (e) {
    failed++;
    console.log(`FAILED ${name}: ${e.stack ?? e}`);
  }
}
function same(a, b, what) {
  if (a !== b) throw new Error(`${what}: ${a} is not ${b}`);
}

await start();
const files = [];
const made = (name, mib) => {
  const f = file(name, mib);
  files.push(f.at);
  return f;
};

await check(`${MIB} MiB in chunks, the server killed three times`, async () => {
  const f = made('killed.bin', MIB);
  let kills = 0;
  const { done } = upload(f, {
    progress: (sent) => {
      if (kills < 3 && sent > (f.size * (kills + 1)) / 4) {
        kills++;
        kill().then(start);
      }
    },
  });
  const { url } = await done;
  const got = await stored(url);
  same(kills, 3, 'kills');
  same(got.hash, f.hash, 'hash');
  same(got.file.name, f.name, 'name');
  same(got.file.caption, `of ${f.name}`, 'caption');
});

await check('paused, and gone on with by another client', async () => {
  const f = made('paused.bin', 16);
  let url;
  await new Promise((resolve, reject) => {
    const { done } = upload(f, {
      progress: (sent, u) => {
        if (sent > f.size / 2 && !url) {
          url = u.url;
          u.abort(false).then(resolve, reject);
        }
      },
    });
    done.catch(reject);
  });
  const offset = Number((await fetch(url, { method: 'HEAD', headers: { ...headers, 'Tus-Resumable': '1.0.0' } })).headers.get('upload-offset'));
  if (!(offset >= 4 << 20 && offset < f.size)) throw new Error(`paused at ${offset}`);
  const { done } = upload(f, { uploadUrl: url });
  const got = await stored((await done).url);
  same(got.hash, f.hash, 'hash');
});

await check('four at the same time', async () => {
  const all = ['a.bin', 'b.bin', 'c.bin', 'd.bin'].map((name) => made(name, 8));
  const urls = await Promise.all(all.map((f) => upload(f).done));
  for (const [i, f] of all.entries()) same((await stored(urls[i].url)).hash, f.hash, f.name);
});

await check('aborted for good', async () => {
  const f = made('aborted.bin', 16);
  let url;
  await new Promise((resolve, reject) => {
    const { done } = upload(f, {
      progress: (sent, u) => {
        if (sent > f.size / 2 && !url) {
          url = u.url;
          u.abort(true).then(resolve, reject);
        }
      },
    });
    done.catch(reject);
  });
  same((await fetch(url, { headers })).status, 404, 'status');
});

await check('refused at the beginning: larger than may be', async () => {
  const f = { ...made('large.bin', 1), size: 1e12 };
  const error = await upload(f, { retryDelays: null }).done.then(() => null, (e) => e);
  same(error?.originalResponse?.getStatus(), 413, 'status');
});

await kill();
for (const at of files) rmSync(at, { force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
