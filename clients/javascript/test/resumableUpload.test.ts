// Uploads in pieces, against a server that keeps what it gets and fails as it is told.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { errorOf, startServer } from './startServer.js';

const FILE = { id: 7, documentId: 'f', name: 'film.mp4' };
const bytes = new Uint8Array(1000).map((_, at) => at % 251);
const film = new Blob([bytes], { type: 'video/mp4' });

/** What the server does with a piece: takes it, or fails before or after it has. */
type Fate = 'take' | 'drop' | 'take and drop' | number;

/** A server of one upload at a time, and the fates of the pieces that it gets. */
async function startUploads(t: TestContext, fates: Fate[] = []) {
  const stored = { id: 0, length: 0, metadata: '', bytes: Buffer.alloc(0), pieces: [] as number[] };
  const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const here = request.url === `/api/upload/resumable/u${stored.id}`;
    if (request.method === 'POST') {
      Object.assign(stored, { id: stored.id + 1, bytes: Buffer.alloc(0), length: Number(request.headers['upload-length']) });
      stored.metadata = String(request.headers['upload-metadata']);
      response.writeHead(201, { location: `/api/upload/resumable/u${stored.id}` }).end();
    } else if (!here) {
      response.writeHead(404).end();
    } else if (request.method === 'GET') {
      const isDone = stored.bytes.length === stored.length;
      const data = { id: `u${stored.id}`, length: stored.length, offset: stored.bytes.length, state: isDone ? 'done' : 'open', file: isDone ? FILE : null };
      response.end(JSON.stringify({ data }));
    } else if (request.method === 'DELETE') {
      response.writeHead(204).end();
    } else {
      const fate = fates.shift() ?? 'take';
      if (typeof fate === 'number') return response.writeHead(fate, { 'retry-after': '0' }).end();
      if (fate === 'drop') return request.socket.destroy();
      if (Number(request.headers['upload-offset']) !== stored.bytes.length) return response.writeHead(409).end();
      assert.equal(request.headers['content-type'], 'application/offset+octet-stream');
      stored.bytes = Buffer.concat([stored.bytes, body]);
      stored.pieces.push(body.length);
      if (fate === 'take and drop') return request.socket.destroy();
      response.writeHead(204, { 'upload-offset': String(stored.bytes.length) }).end();
    }
    return undefined;
  };
  const started = await startServer(t, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => answer(request, response, Buffer.concat(parts)));
  });
  return { ...started, stored };
}

const digest = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

test('a file is uploaded in pieces, with its texts', async (t) => {
  const { client, requests, stored } = await startUploads(t);
  const seen: number[] = [];
  const info = { name: 'film.mp4', alternativeText: 'Zoë 🎧', caption: '', folder: 3, private: false };
  const file = await client.files.uploadResumable(film, info, { pieceSize: 400, onProgress: ({ uploaded }) => seen.push(uploaded) });
  assert.deepEqual(file, FILE);
  assert.equal(digest(stored.bytes), digest(bytes));
  assert.deepEqual([stored.pieces, seen], [
    [400, 400, 200],
    [0, 400, 800, 1000],
  ]);
  const metadata = stored.metadata.split(',').map((pair) => pair.split(' '));
  assert.deepEqual(
    metadata.map(([key, value]) => [key, Buffer.from(value ?? '', 'base64').toString()]),
    [
      ['filename', 'film.mp4'],
      ['filetype', 'video/mp4'],
      ['alternativeText', 'Zoë 🎧'],
      ['folder', '3'],
      ['private', 'false'],
    ],
  );
  assert.ok(requests.every((request) => request.method === 'GET' || request.headers['tus-resumable'] === '1.0.0'));
  await assert.rejects(client.files.uploadResumable(film), TypeError);
  await assert.rejects(client.files.uploadResumable(film, info, { pieceSize: 0 }), TypeError);
  await client.files.discardUpload('u1');
});

test('an upload goes on after failures, from where the server is', async (t) => {
  const { client, stored } = await startUploads(t, ['take', 'drop', 'take and drop', 503, 460, 'take', 'take']);
  assert.deepEqual(await client.files.uploadResumable(film, { name: 'film.mp4' }, { pieceSize: 300 }), FILE);
  assert.equal(digest(stored.bytes), digest(bytes));
  // The response to the second piece was lost, but not the piece.
  assert.deepEqual(stored.pieces, [300, 300, 300, 100]);
});

test('an upload ends with failures that do not pass, and goes on in a later call', async (t) => {
  const { client, stored, requests } = await startUploads(t, ['take', 413, 'drop', 'drop']);
  let id: string | undefined;
  const upload = (options: object) =>
    client.files.uploadResumable(film, { name: 'film.mp4' }, { pieceSize: 600, onProgress: (progress) => (id = progress.id), ...options });
  assert.equal((await errorOf(upload({}))).status, 413);
  assert.equal((await errorOf(upload({ resume: id, retries: 0 }))).kind, 'network');
  assert.equal((await errorOf(upload({ resume: id, signal: AbortSignal.abort() }))).kind, 'abort');
  const other = client.files.uploadResumable(new Blob(['other']), { name: 'film.mp4' }, { resume: id });
  await assert.rejects(other, /^TypeError: the upload was begun with a file of 1000 bytes, but this one has 5$/);
  assert.deepEqual(await upload({ resume: id }), FILE);
  assert.deepEqual(stored.pieces, [600, 400]);
  const before = requests.length;
  assert.deepEqual(await upload({ resume: id }), FILE, 'one that is complete');
  assert.ok(requests.slice(before).every((request) => request.method === 'GET'));
  // One that the server no longer has begins anew.
  assert.deepEqual(await upload({ resume: 'u99' }), FILE);
  assert.deepEqual([stored.id, digest(stored.bytes)], [2, digest(bytes)]);
});
