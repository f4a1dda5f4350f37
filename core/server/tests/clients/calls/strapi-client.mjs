// @strapi/client: the official client.
import assert from 'node:assert/strict';
import { png } from '../seed.mjs';

export default async function calls({ packages, base, token, seeded, call }) {
  const { strapi } = packages.require('@strapi/client');
  const client = strapi({ baseURL: `${base}/api`, auth: token });
  const articles = client.collection('articles');
  const titles = ({ data }) => data.map((article) => article.title);
  let made;

  await call('find', async () => {
    const { data, meta } = await articles.find({ sort: 'slug' });
    assert.deepEqual(titles({ data }), ['First', 'Second', 'Third']);
    assert.deepEqual(meta.pagination, { page: 1, pageSize: 25, pageCount: 1, total: 3 });
  });
  await call('find: filters', async () => {
    const filters = { $or: [{ rating: { $gte: 9 } }, { author: { name: { $eqi: 'ANN' } }, kind: 'opinion' }] };
    assert.deepEqual(titles(await articles.find({ filters, sort: ['slug:asc'] })), ['Second', 'Third']);
  });
  await call('find: filters by a list and by a date', async () => {
    const filters = { slug: { $in: ['first', 'third'] }, day: { $null: true } };
    assert.deepEqual(titles(await articles.find({ filters })), ['Third']);
    assert.deepEqual(titles(await articles.find({ filters: { day: { $lte: new Date('2024-06-01') } } })), ['First']);
  });
  await call('find: sort and pagination', async () => {
    const { data, meta } = await articles.find({ sort: ['rating:desc'], pagination: { page: 2, pageSize: 1 } });
    assert.deepEqual(titles({ data }), ['Second']);
    assert.deepEqual(meta.pagination, { page: 2, pageSize: 1, pageCount: 3, total: 3 });
    const offset = await articles.find({
      sort: 'author.name:desc',
      pagination: { start: 0, limit: 1, withCount: false },
    });
    assert.deepEqual([titles(offset), offset.meta.pagination], [['Third'], { start: 0, limit: 1 }]);
  });
  await call('find: fields and populate', async () => {
    const { data } = await articles.find({
      filters: { slug: 'first' },
      fields: ['title'],
      populate: {
        author: { fields: ['name'] },
        tags: { sort: 'name', filters: { name: { $ne: 'red' } } },
        seo: true,
        cover: { fields: ['url'] },
      },
    });
    const [{ author, tags, seo, cover, ...rest }] = data;
    assert.deepEqual(rest, { id: rest.id, documentId: seeded.first.documentId, title: 'First' });
    assert.equal(author.name, 'Ann');
    assert.deepEqual(
      tags.map((tag) => tag.name),
      ['blue'],
    );
    assert.deepEqual(seo, { id: seo.id, metaTitle: 'First!', noIndex: true });
    assert.equal(cover.url, seeded.cover.url);
  });
  await call('find: populate=*', async () => {
    const { data } = await articles.findOne(seeded.first.documentId, { populate: '*' });
    assert.deepEqual(
      data.links.map((link) => link.label),
      ['Home', 'None'],
    );
    assert.equal(data.localizations[0].locale, 'nl');
    assert.equal(data.cover.formats.thumbnail.width, 208);
  });
  await call('find: a locale', async () => {
    assert.deepEqual(titles(await articles.find({ locale: 'nl' })), ['Eerste']);
    assert.equal((await articles.findOne(seeded.first.documentId, { locale: 'nl' })).data.title, 'Eerste');
  });
  await call('find: drafts', async () => {
    assert.equal((await articles.find({ status: 'draft' })).meta.pagination.total, 4);
    await assert.rejects(articles.findOne(seeded.draft.documentId), (error) => error.response.status === 404);
  });
  await call('create', async () => {
    made = (
      await articles.create(
        { title: 'Made', rating: 1, author: { connect: [seeded.bob.documentId] } },
        { populate: ['author'] },
      )
    ).data;
    assert.match(made.documentId, /^[a-z0-9]{24}$/);
    assert.deepEqual([made.title, made.kind, made.locale, made.author.name], ['Made', 'news', 'en', 'Bob']);
  });
  await call('update, and publish a draft', async () => {
    await articles.update(made.documentId, { title: 'Draft' }, { status: 'draft' });
    assert.equal((await articles.findOne(made.documentId)).data.title, 'Made');
    const { data } = await articles.update(made.documentId, { rating: 2 });
    assert.deepEqual([data.title, data.rating], ['Draft', 2]);
    assert.ok(data.publishedAt);
  });
  await call('update: a locale', async () => {
    const { data } = await articles.update(made.documentId, { title: 'Gemaakt' }, { locale: 'nl' });
    assert.deepEqual([data.title, data.locale, data.documentId], ['Gemaakt', 'nl', made.documentId]);
    await articles.delete(made.documentId, { locale: 'nl' });
    await assert.rejects(articles.findOne(made.documentId, { locale: 'nl' }), (error) => error.response.status === 404);
  });
  await call('update: relations', async () => {
    const change = (tags) => articles.update(made.documentId, { tags }, { populate: ['tags'] });
    assert.equal((await change({ set: [seeded.red.documentId, seeded.blue.documentId] })).data.tags.length, 2);
    const { data } = await change({ disconnect: [seeded.red.documentId] });
    assert.deepEqual(
      data.tags.map((tag) => tag.name),
      ['blue'],
    );
  });
  await call('delete', async () => {
    await articles.delete(made.documentId);
    await assert.rejects(articles.findOne(made.documentId), (error) => error.name === 'HTTPNotFoundError');
  });
  await call('single type', async () => {
    const homepage = client.single('homepage');
    assert.equal((await homepage.find({ populate: 'sections' })).data.sections[0].__component, 'shared.link');
    assert.equal((await homepage.update({ headline: 'Hello' })).data.headline, 'Hello');
    assert.equal((await homepage.update({ headline: 'Welcome' })).data.headline, 'Welcome');
  });
  await call('files', async () => {
    const [file] = await client.files.upload(png(300, 300), {
      filename: 'grey.png',
      mimetype: 'image/png',
      fileInfo: { alternativeText: 'grey' },
    });
    assert.deepEqual([file.name, file.mime, file.width, file.alternativeText], ['grey.png', 'image/png', 300, 'grey']);
    assert.ok(file.formats.thumbnail.url.startsWith('/uploads/'));
    assert.equal((await client.files.find({ filters: { name: 'grey.png' } })).length, 1);
    assert.equal((await client.files.update(file.id, { caption: 'a square' })).caption, 'a square');
    assert.equal((await client.files.findOne(file.id)).caption, 'a square');
    await client.files.delete(file.id);
    await assert.rejects(client.files.findOne(file.id), (error) => error.name === 'FileNotFoundError');
  });
  await call('errors', async () => {
    await assert.rejects(articles.create({ rating: 3 }), (error) => error.name === 'HTTPBadRequestError');
    const anonymous = strapi({ baseURL: `${base}/api` }).collection('articles');
    await assert.rejects(anonymous.create({ title: 'No' }), (error) => error.name === 'HTTPForbiddenError');
    await assert.rejects(
      strapi({ baseURL: `${base}/api`, auth: 'wrong' })
        .collection('articles')
        .find(),
      (error) => error.name === 'HTTPAuthorizationError',
    );
  });
  await call('users and permissions', async () => {
    const users = client.collection('users', { plugin: { name: 'users-permissions', prefix: '' } });
    const user = await users.create({ username: 'clara', email: 'clara@example.org', password: 'secret12', role: 1 });
    assert.equal(user.username, 'clara');
    assert.deepEqual(
      (await users.find({ filters: { username: 'clara' } })).map(({ email }) => email),
      ['clara@example.org'],
    );
    assert.equal((await users.update(user.id, { username: 'klara' })).username, 'klara');
    await users.delete(user.id);
    assert.deepEqual(await users.find({ filters: { username: 'klara' } }), []);
  });
}
