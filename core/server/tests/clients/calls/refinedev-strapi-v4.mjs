// @refinedev/strapi-v4: the data provider of Refine. It reads the format of Strapi 5 as well as that of Strapi 4.
import assert from 'node:assert/strict';

export default async function calls({ packages, base, token, seeded, call }) {
  const { DataProvider, AuthHelper, axiosInstance } = packages.require('@refinedev/strapi-v4');
  // The provider's own instance: it makes Refine's errors of the server's.
  axiosInstance.defaults.headers.common.Authorization = `Bearer ${token}`;
  const provider = DataProvider(`${base}/api`, axiosInstance);
  const titles = ({ data }) => data.map(({ title }) => title);
  const resource = 'articles';

  await call('getList', async () => {
    const list = await provider.getList({
      resource,
      pagination: { currentPage: 1, pageSize: 2 },
      sorters: [{ field: 'rating', order: 'desc' }],
      filters: [
        { field: 'author.name', operator: 'eq', value: 'Ann' },
        {
          operator: 'or',
          value: [
            { field: 'title', operator: 'contains', value: 'FIR' },
            { field: 'rating', operator: 'gte', value: 7 },
          ],
        },
      ],
      meta: { populate: ['author', 'cover'], fields: ['title'] },
    });
    assert.deepEqual(
      [titles(list), list.total, list.data[1].author.name, list.data[1].cover.url],
      [['Second', 'First'], 2, 'Ann', seeded.cover.url],
    );
  });
  await call('getList: operators', async () => {
    const filtered = async (...filters) =>
      titles(await provider.getList({ resource, filters, sorters: [{ field: 'slug', order: 'asc' }] }));
    assert.deepEqual(await filtered({ field: 'slug', operator: 'in', value: ['first', 'third'] }), ['First', 'Third']);
    assert.deepEqual(await filtered({ field: 'slug', operator: 'nin', value: ['first', 'third'] }), ['Second']);
    assert.deepEqual(await filtered({ field: 'rating', operator: 'between', value: [3, 7] }), ['First', 'Second']);
    assert.deepEqual(await filtered({ field: 'day', operator: 'nnull', value: true }), ['First']);
    assert.deepEqual(await filtered({ field: 'title', operator: 'ncontains', value: 'ir' }), ['Second']);
    assert.deepEqual(await filtered({ field: 'title', operator: 'startswith', value: 'Sec' }), ['Second']);
  });
  await call('getList: a locale', async () => {
    assert.deepEqual(titles(await provider.getList({ resource, meta: { locale: 'nl' } })), ['Eerste']);
  });
  await call('getOne, getMany', async () => {
    const { data } = await provider.getOne({
      resource,
      id: seeded.first.documentId,
      meta: { populate: { author: { fields: ['name'] }, seo: '*' } },
    });
    assert.deepEqual([data.title, data.author.name, data.seo.metaTitle], ['First', 'Ann', 'First!']);
    assert.deepEqual(titles(await provider.getMany({ resource, ids: [seeded.first.id, seeded.third.id] })).sort(), [
      'First',
      'Third',
    ]);
  });
  await call("getList: Strapi 4's format", async () => {
    axiosInstance.defaults.headers.common['Strapi-Response-Format'] = 'v4';
    try {
      const { data } = await provider.getList({
        resource,
        filters: [{ field: 'slug', operator: 'eq', value: 'first' }],
        meta: { populate: ['author', 'tags'] },
      });
      assert.deepEqual([data[0].title, data[0].author.name, data[0].tags.length], ['First', 'Ann', 2]);
    } finally {
      delete axiosInstance.defaults.headers.common['Strapi-Response-Format'];
    }
  });
  await call('create, update, deleteOne', async () => {
    const { data } = (
      await provider.create({ resource, variables: { title: 'Refined', author: seeded.bob.documentId } })
    ).data;
    assert.equal(data.title, 'Refined');
    assert.equal(
      (await provider.update({ resource, id: data.documentId, variables: { rating: 8 } })).data.data.rating,
      8,
    );
    await provider.deleteOne({ resource, id: data.documentId });
    await assert.rejects(provider.getOne({ resource, id: data.documentId }), ({ statusCode }) => statusCode === 404);
  });
  await call('createMany, updateMany, deleteMany', async () => {
    const { data } = await provider.createMany({ resource: 'tags', variables: [{ name: 'one' }, { name: 'two' }] });
    const ids = data.map((answer) => answer.data.documentId);
    const updated = await provider.updateMany({
      resource: 'authors',
      ids: [seeded.ann.documentId, seeded.bob.documentId],
      variables: { email: 'both@example.org' },
    });
    assert.deepEqual(
      updated.data.map((answer) => answer.data.email),
      ['both@example.org', 'both@example.org'],
    );
    await provider.deleteMany({ resource: 'tags', ids });
    assert.equal((await provider.getList({ resource: 'tags' })).total, 2);
  });
  await call('errors by field', async () => {
    await assert.rejects(
      provider.create({ resource, variables: { title: 'x', rating: 11 } }),
      ({ statusCode, errors }) => {
        assert.deepEqual([statusCode, errors], [400, { rating: ['rating must be less than or equal to 10'] }]);
        return true;
      },
    );
  });
  await call('login and me', async () => {
    await provider.create({
      resource: 'users',
      variables: { username: 'rob', email: 'rob@example.org', password: 'secret12', role: 1, confirmed: true },
    });
    const auth = AuthHelper(`${base}/api`);
    const { jwt } = (await auth.login('rob', 'secret12')).data;
    const { data } = await auth.me(jwt, { meta: { populate: ['role'] } });
    assert.deepEqual([data.username, data.email], ['rob', 'rob@example.org']);
  });
}
