// The client against a real Cairn. Each test makes its own content.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CairnError, createClient } from '../../src/index.js';
import type { ContentTypes } from './projects/clients.js';
import { startCairn } from './startCairn.js';

const { url, token, stop } = await startCairn();
after(stop);
const cairn = createClient<ContentTypes>({ url, token });
const articles = cairn.collection('articles');

/** The smallest GIF. */
const PIXEL = new Blob([Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')], { type: 'image/gif' });

async function failureOf(call: Promise<unknown>): Promise<CairnError> {
  const error = await call.catch((error: unknown) => error);
  assert.ok(error instanceof CairnError, String(error));
  return error;
}

test('entries are created, read with their relations, changed and deleted', async () => {
  const author = await cairn.collection('authors').create({ name: 'Ann' });
  const made = await articles.create(
    { title: 'Stones', rating: 3, kind: 'news', author: author.data.documentId, seo: { metaTitle: 'Stones!' } },
    { populate: ['author', 'seo'] },
  );
  const id = made.data.documentId;
  assert.deepEqual([made.data.title, made.data.author?.name, made.data.seo?.metaTitle], ['Stones', 'Ann', 'Stones!']);
  const { data, meta } = await articles.find({
    filters: { author: { name: { $eqi: 'ann' } }, rating: { $gte: 3 } },
    populate: { author: { fields: ['name'] } },
  });
  assert.deepEqual(
    data.map((article) => article.author?.name),
    ['Ann'],
  );
  assert.deepEqual(meta.pagination, { page: 1, pageSize: 25, pageCount: 1, total: 1 });
  const one = await articles.findOne(id, { fields: ['title'] });
  assert.deepEqual(Object.keys(one.data).sort(), ['documentId', 'id', 'title']);
  assert.equal((await articles.update(id, { rating: 4, author: null }, { populate: ['author'] })).data.author, null);
  await articles.delete(id);
  const gone = await failureOf(articles.findOne(id));
  assert.deepEqual([gone.kind, gone.status, gone.name], ['http', 404, 'NotFoundError']);
});

test('drafts and languages are apart', async () => {
  const { data } = await articles.create({ title: 'Draft' }, { status: 'draft' });
  assert.equal(data.publishedAt, null);
  assert.equal((await failureOf(articles.findOne(data.documentId))).status, 404);
  assert.equal((await articles.findOne(data.documentId, { status: 'draft' })).data.title, 'Draft');
  await articles.update(data.documentId, { title: 'Published' });
  await articles.update(data.documentId, { title: 'Gepubliceerd' }, { locale: 'nl' });
  assert.equal((await articles.findOne(data.documentId, { locale: 'nl' })).data.title, 'Gepubliceerd');
  await articles.delete(data.documentId, { locale: 'nl' });
  assert.equal((await failureOf(articles.findOne(data.documentId, { locale: 'nl' }))).status, 404);
  assert.equal((await articles.findOne(data.documentId)).data.title, 'Published');
});

test('pages, counts and walks of a list', async () => {
  const tags = cairn.collection('tags');
  for (let number = 10; number < 17; number += 1) await tags.create({ name: `walk ${number}` });
  const filters = { name: { $startsWith: 'walk' } } as const;
  assert.equal(await tags.count({ filters }), 7);
  const page = await tags.find({ filters, sort: 'name:desc', pagination: { start: 1, limit: 2 } });
  assert.deepEqual(
    page.data.map((tag) => tag.name),
    ['walk 15', 'walk 14'],
  );
  assert.deepEqual(page.meta.pagination, { start: 1, limit: 2, total: 7 });
  const names: string[] = [];
  for await (const tag of tags.findAll({ filters, sort: 'name', pagination: { pageSize: 3 } })) names.push(tag.name);
  assert.deepEqual(
    names,
    [10, 11, 12, 13, 14, 15, 16].map((number) => `walk ${number}`),
  );
  for await (const tag of tags.findAll({ filters, sort: 'name' })) {
    assert.equal(tag.name, 'walk 10');
    break;
  }
});

test('null and empty lists in filters mean what they say', async () => {
  const { data } = await articles.create({ title: 'Without a day', slug: 'without-a-day' });
  const slug = data.slug ?? '';
  const titles = async (filters: object) => (await articles.find({ filters: { slug, ...filters } })).data.map((article) => article.title);
  const found = ['Without a day'];
  assert.deepEqual(await titles({ day: null }), found);
  assert.deepEqual(await titles({ day: { $ne: null } }), []);
  assert.deepEqual(await titles({ author: null }), found);
  assert.deepEqual(await titles({ documentId: { $in: [] } }), []);
  assert.deepEqual(await titles({ rating: [] }), []);
  assert.deepEqual(await titles({ $not: { rating: { $in: [] } } }), found);
  assert.deepEqual(await titles({ $or: [{ rating: { $notIn: [] } }, { title: 'x' }] }), found);
  assert.deepEqual(await titles({ $or: [{ rating: { $in: [] } }, { title: 'x' }] }), []);
  assert.deepEqual(await titles({ title: 'a]&filters[$or]=[é💧%5B' }), []);
});

test('a single type is written, read and deleted', async () => {
  const homepage = cairn.single('homepage');
  assert.equal((await failureOf(homepage.find())).status, 404);
  await homepage.update({ headline: 'Hello', sections: [{ __component: 'shared.link', label: 'More' }] });
  const { data } = await homepage.find({ populate: ['sections'] });
  const [section] = data.sections;
  assert.equal(section?.__component === 'shared.link' && section.label, 'More');
  await homepage.delete();
  assert.equal((await failureOf(homepage.find())).status, 404);
});

test('files are uploaded with their texts, linked, changed, replaced and deleted', async () => {
  const file = await cairn.files.upload(PIXEL, { name: 'dot.gif', alternativeText: 'A dot', focalPoint: { x: 0.5, y: 0 } });
  assert.deepEqual([file.name, file.alternativeText, file.width], ['dot.gif', 'A dot', 1]);
  const { data } = await articles.create({ title: 'With a dot', cover: file.id }, { populate: { cover: { fields: ['url'] } } });
  assert.equal(data.cover?.url, file.url);
  assert.equal((await cairn.files.update(file.id, { caption: 'Small' })).caption, 'Small');
  assert.equal((await cairn.files.replace(file.id, PIXEL, { name: 'dot.gif' })).url, file.url);
  assert.deepEqual(
    (await cairn.files.find({ filters: { name: 'dot.gif' } })).map(({ id }) => id),
    [file.id],
  );
  assert.equal((await cairn.files.findOne(file.id)).caption, 'Small');
  assert.equal((await cairn.files.delete(file.id)).id, file.id);
  assert.equal((await failureOf(cairn.files.findOne(file.id))).status, 404);
  await assert.rejects(cairn.files.upload(PIXEL), TypeError);
});

test('people register, sign in, change their password and sign out', async () => {
  const account = { username: 'clara', email: 'clara@example.org', password: 'secret12' };
  const { user } = await cairn.users.register(account);
  const signedIn = await cairn.users.signIn('clara', account.password);
  assert.equal(signedIn.user.id, user.id);
  const visitor = createClient<ContentTypes>({ url, token: signedIn.jwt });
  assert.equal((await visitor.users.me()).email, account.email);
  assert.equal((await cairn.users.me({}, { token: signedIn.jwt })).username, 'clara');
  const changed = await visitor.users.changePassword(account.password, 'another12');
  assert.equal((await cairn.users.me({}, { token: changed.jwt })).username, 'clara');
  const wrong = await failureOf(cairn.users.signIn('clara', account.password));
  assert.deepEqual([wrong.status, wrong.name], [400, 'ValidationError']);
  assert.equal((await failureOf(cairn.users.resetPassword('no-code', 'another12'))).status, 400);
  const taken = await failureOf(cairn.users.register(account));
  assert.equal(taken.status, 400);
});

test('users are managed', async () => {
  const { users } = cairn;
  const made = await users.create({ username: 'dora', email: 'dora@example.org', password: 'secret12', role: 1 });
  assert.deepEqual(
    (await users.find({ filters: { username: 'dora' }, fields: ['email'] })).map(({ email }) => email),
    ['dora@example.org'],
  );
  assert.equal(await users.count({ filters: { username: 'dora' } }), 1);
  assert.equal((await users.update(made.id, { username: 'Dora' })).username, 'Dora');
  assert.equal((await users.findOne(made.id, { populate: ['role'] }))?.username, 'Dora');
  assert.equal((await users.delete(made.id))?.id, made.id);
  assert.equal(await users.findOne(made.id), null);
  assert.equal(await users.delete(made.id), null);
});

test('errors are those of the server', async () => {
  const invalid = await failureOf(articles.create({ title: '', kind: 'gossip' } as never));
  assert.deepEqual([invalid.status, invalid.name], [400, 'ValidationError']);
  assert.deepEqual(
    invalid.details.errors?.map(({ path }) => path),
    [['kind']],
  );
  const anonymous = createClient<ContentTypes>({ url });
  assert.equal((await failureOf(anonymous.collection('articles').create({ title: 'No' }))).status, 403);
  assert.equal((await failureOf(createClient({ url, token: 'wrong' }).collection('articles').find())).status, 401);
  const unknown = await failureOf(createClient({ url, token }).collection('nothing').find());
  assert.deepEqual([unknown.status, unknown.name], [404, 'NotFoundError']);
  const misspelt = await failureOf(
    createClient({ url, token })
      .collection('articles')
      .find({ filters: { titel: 'x' } }),
  );
  assert.deepEqual([misspelt.status, misspelt.message], [400, 'Invalid key titel']);
});

test('other routes are called by their path', async () => {
  const locales = await cairn.request<{ code: string }[]>('GET', 'i18n/locales');
  assert.deepEqual(locales.map(({ code }) => code).sort(), ['en', 'nl']);
});

test('a client without types reads any field', async () => {
  const untyped = createClient({ url, token });
  await untyped.collection('tags').create({ name: 'untyped' });
  const { data } = await untyped.collection('tags').find({ filters: { name: 'untyped' }, populate: '*' });
  assert.deepEqual(
    data.map((tag) => [tag['name'], tag['articles']]),
    [['untyped', []]],
  );
});
