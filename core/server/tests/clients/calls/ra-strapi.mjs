// ra-strapi: data and sign-in for react-admin. `react-admin` is here ra-core, which it re-exports and which has no pages.
import assert from 'node:assert/strict';

export default async function calls({ packages, base, token, seeded, call }) {
  const { strapiDataProvider, strapiHttpClient, strapiAuthProvider } = await packages.import('ra-strapi');
  const baseURL = base;
  const storage = mapStorage();
  const provider = strapiDataProvider({
    baseURL,
    httpClient: strapiHttpClient({ authType: 'apiKey', apiKey: token, storage }),
  });
  const page = { pagination: { page: 1, perPage: 2 }, sort: { field: 'rating', order: 'DESC' } };
  const titles = ({ data }) => data.map(({ title }) => title);

  await call('getList', async () => {
    const list = await provider.getList('articles', { ...page, filter: {} });
    assert.deepEqual([titles(list), list.total], [['Third', 'Second'], 3]);
    assert.deepEqual([list.data[0].id, list.data[0].author], [seeded.third.documentId, seeded.bob.documentId]);
  });
  await call('getList: filters', async () => {
    const filtered = async (filter) => titles(await provider.getList('articles', { ...page, filter }));
    assert.deepEqual(await filtered({ slug_eq: 'first' }), ['First']);
    // Not `_containsi`: the client cuts one letter too few off that name.
    assert.deepEqual(await filtered({ title_contains: 'ir', rating_gt: 3 }), ['Third']);
    assert.deepEqual(await filtered({ slug_in: ['first', 'second'] }), ['Second', 'First']);
    assert.deepEqual(await filtered({ rating_between: [3, 7] }), ['Second', 'First']);
    assert.deepEqual(await filtered({ day_isnotnull: true }), ['First']);
  });
  await call('getOne, getMany, getManyReference', async () => {
    const { data } = await provider.getOne('articles', { id: seeded.first.documentId });
    assert.deepEqual([data.title, data.tags.length, data.cover.url], ['First', 2, `${base}${seeded.cover.url}`]);
    assert.deepEqual(
      titles(await provider.getMany('articles', { ids: [seeded.first.documentId, seeded.second.documentId] })).sort(),
      ['First', 'Second'],
    );
    const ofAnn = await provider.getManyReference('articles', {
      ...page,
      target: 'author',
      id: seeded.ann.documentId,
      filter: {},
    });
    assert.deepEqual([titles(ofAnn), ofAnn.total], [['Second', 'First'], 2]);
  });
  await call('create, update, delete', async () => {
    const { data } = await provider.create('articles', {
      data: { title: 'Admin', author: seeded.ann.documentId, seo: { metaTitle: 'A' } },
    });
    const read = await provider.getOne('articles', { id: data.id });
    assert.deepEqual([read.data.author, read.data.seo.metaTitle], [seeded.ann.documentId, 'A']);
    const { author, title } = read.data;
    const updated = await provider.update('articles', { id: data.id, data: { author, title, rating: 6, slug: '' } });
    assert.deepEqual([updated.data.rating, updated.data.slug], [6, null]);
    await provider.delete('articles', { id: data.id });
    await assert.rejects(provider.getOne('articles', { id: data.id }), ({ status }) => status === 404);
  });
  await call('deleteMany', async () => {
    const made = await Promise.all(['x', 'y'].map((name) => provider.create('tags', { data: { name } })));
    await provider.deleteMany('tags', { ids: made.map(({ data }) => data.id) });
    assert.equal((await provider.getList('tags', { pagination: { page: 1, perPage: 5 } })).total, 2);
  });
  await call('login, identity, logout', async () => {
    await fetch(`${base}/api/auth/local/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'ria', email: 'ria@example.org', password: 'secret12' }),
    });
    const auth = strapiAuthProvider({ baseURL, storage });
    await auth.login({ email: 'ria@example.org', password: 'secret12' });
    assert.equal((await auth.getIdentity()).fullName, 'ria');
    const own = strapiDataProvider({ baseURL, httpClient: strapiHttpClient({ storage }) });
    assert.equal((await own.getList('articles', { ...page, filter: {} })).total, 3);
    await auth.logout();
    await assert.rejects(auth.checkAuth());
    await assert.rejects(auth.login({ email: 'ria@example.org', password: 'wrong' }), ({ status }) => status === 400);
  });
}

function mapStorage() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}
