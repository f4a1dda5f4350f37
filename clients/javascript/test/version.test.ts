// Writes that are about a version of an entry.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOf, startServer } from './startServer.js';

const ENTRY = '{"data":{"documentId":"x"},"meta":{}}';

test('responses have the version of the entry, and writes name it', async (t) => {
  const { client, requests } = await startServer(t, (request, response) => {
    if (request.method === 'DELETE') response.writeHead(204).end();
    else response.writeHead(200, { 'cairn-version': String(requests.length) }).end(ENTRY);
  });
  const articles = client.collection('articles');
  const read = await articles.findOne('x');
  assert.deepEqual(read, { data: { documentId: 'x' }, meta: {}, version: '1' });
  const ifMatch = read.version ?? '';
  const written = await articles.update('x', { title: 'A' }, {}, { ifMatch, headers: { 'x-more': '1' } });
  assert.equal(written.version, '2');
  await articles.delete('x', {}, { ifMatch });
  const home = client.single('home');
  assert.equal((await home.find()).version, '4');
  await home.update({}, {}, { ifMatch: '4' });
  await home.delete({}, { ifMatch: '4' });
  await articles.update('x', {});
  await articles.create({}, {}, { headers: { 'if-match': '*' } });
  assert.deepEqual(
    requests.map((request) => request.headers['if-match']),
    [undefined, '1', '1', undefined, '4', '4', undefined, '*'],
  );
  assert.equal(requests[1]?.headers['x-more'], '1');
});

test('a version that is not there is no permission to overwrite', async (t) => {
  const { client, requests } = await startServer(t, (_, response) => response.end(ENTRY));
  const articles = client.collection('articles');
  const { version } = await articles.findOne('x');
  assert.equal(version, undefined);
  for (const ifMatch of [version, '', ' ']) {
    const options = { ifMatch: ifMatch as string };
    await assert.rejects(articles.update('x', {}, {}, options), /^TypeError: `ifMatch` is no version/);
    await assert.rejects(articles.delete('x', {}, options), TypeError);
    await assert.rejects(client.single('home').update({}, {}, options), TypeError);
  }
  assert.equal(requests.length, 1);
});

test('conflicts say what has changed, and who did it', async (t) => {
  const details = { currentVersion: 9, yourVersion: 7, by: { kind: 'admin', id: '1', name: 'Ann' }, at: '2026-01-02T03:04:05.678Z', changed: ['title', 7] };
  const error = { status: 409, name: 'ConflictError', message: 'The entry has changed', details };
  const { client } = await startServer(t, (_, response) => response.writeHead(409).end(JSON.stringify({ data: null, error })));
  const conflict = await errorOf(client.collection('articles').update('x', {}, {}, { ifMatch: '7' }));
  assert.deepEqual([conflict.status, conflict.name], [409, 'ConflictError']);
  assert.deepEqual(conflict.details, { ...details, changed: ['title'] });
  assert.equal(conflict.details.by?.name, 'Ann');
});
