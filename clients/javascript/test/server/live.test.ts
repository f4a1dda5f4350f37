// Versions, live updates and uploads in pieces, against a real Cairn.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CairnError, createClient } from '../../src/index.js';
import type { ContentTypes } from './projects/clients.js';
import { startCairn } from './startCairn.js';

const { url, token, stop } = await startCairn();
after(stop);
const cairn = createClient<ContentTypes>({ url, token });
const articles = cairn.collection('articles');

async function failureOf(call: Promise<unknown>): Promise<CairnError> {
  const error = await call.catch((error: unknown) => error);
  assert.ok(error instanceof CairnError, String(error));
  return error;
}

test('a write about an older version is refused', async () => {
  const { data, version: first } = await articles.create({ title: 'Stones' });
  assert.ok(first !== undefined);
  assert.equal((await articles.findOne(data.documentId)).version, first);
  const { version } = await articles.update(data.documentId, { title: 'Cairns' }, {}, { ifMatch: first });
  assert.ok(version !== undefined && version !== first);
  const conflict = await failureOf(articles.update(data.documentId, { title: 'Rocks' }, {}, { ifMatch: first }));
  assert.deepEqual([conflict.status, conflict.name, conflict.details.changed], [409, 'ConflictError', ['title']]);
  assert.equal((await failureOf(articles.delete(data.documentId, {}, { ifMatch: first }))).status, 409);
  assert.equal((await articles.findOne(data.documentId)).data.title, 'Cairns');
  await articles.delete(data.documentId, {}, { ifMatch: version });
  const home = cairn.single('homepage');
  const written = await home.update({ headline: 'Hello' });
  await home.update({ headline: 'Welcome' });
  assert.equal((await failureOf(home.update({ headline: 'x' }, {}, { ifMatch: written.version ?? '' }))).status, 409);
});

test('changes are heard as they happen', { timeout: 60_000 }, async () => {
  const heard: string[] = [];
  let id = '';
  for await (const event of cairn.listen(['api::article.article'])) {
    if (event.event === 'ready') id = (await articles.create({ title: 'Heard' })).data.documentId;
    else if (event.event !== 'reset') {
      assert.deepEqual([event.uid, event.documentId, event.locale], ['api::article.article', id, 'en']);
      heard.push(event.event);
      if (event.event === 'entry.publish') await articles.delete(id);
      if (event.event === 'entry.delete') break;
    }
  }
  assert.deepEqual(heard.slice(-2), ['entry.publish', 'entry.delete']);
  const visitor = createClient<ContentTypes>({ url, token: 'nonsense' });
  assert.equal((await failureOf(visitor.listen().next())).status, 401);
});

test('a file is uploaded in pieces, and in two calls', async () => {
  const text = 'A heap of stones. '.repeat(5000);
  const file = new Blob([text], { type: 'text/plain' });
  let id: string | undefined;
  const controller = new AbortController();
  const begun = cairn.files.uploadResumable(
    file,
    { name: 'stones.txt', caption: 'Stenen 🪨' },
    {
      pieceSize: 20_000,
      signal: controller.signal,
      onProgress: (progress) => {
        id = progress.id;
        if (progress.uploaded >= 40_000) controller.abort();
      },
    },
  );
  assert.equal((await failureOf(begun)).kind, 'abort');
  const seen: number[] = [];
  const uploaded = await cairn.files.uploadResumable(file, { name: 'stones.txt' }, { resume: id, onProgress: (progress) => seen.push(progress.uploaded) });
  assert.ok((seen[0] ?? 0) >= 40_000, String(seen));
  assert.deepEqual([uploaded.name, uploaded.caption], ['stones.txt', 'Stenen 🪨']);
  assert.equal(await (await fetch(new URL(uploaded.url, url))).text(), text);
  await cairn.files.discardUpload(id ?? '');
  assert.equal((await cairn.files.findOne(uploaded.id)).name, 'stones.txt');
});
