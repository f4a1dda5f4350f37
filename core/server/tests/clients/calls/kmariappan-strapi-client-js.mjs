// @kmariappan/strapi-client-js: queries by method calls, errors as values.
import assert from 'node:assert/strict';

export default async function calls({ packages, base, token, seeded, call }) {
  const { createClient } = packages.require('@kmariappan/strapi-client-js');
  const client = createClient({ url: `${base}/api`, apiToken: token });
  const articles = () => client.from('articles').select(['title', 'rating']);
  const titles = ({ data, error }) => {
    assert.equal(error, undefined);
    return data.map(({ title }) => title);
  };

  await call('select, sort, paginate', async () => {
    const answer = await articles()
      .sortBy([{ field: 'rating', order: 'desc' }])
      .paginate(1, 2)
      .get();
    assert.deepEqual(titles(answer), ['Third', 'Second']);
    assert.deepEqual(answer.meta.pagination, { page: 1, pageSize: 2, pageCount: 2, total: 3 });
    assert.deepEqual(
      titles(
        await articles()
          .sortBy([{ field: 'rating', order: 'asc' }])
          .paginateByOffset(1, 1)
          .get(),
      ),
      ['Second'],
    );
  });
  await call('filters', async () => {
    const by = { field: 'rating', order: 'asc' };
    assert.deepEqual(titles(await articles().equalTo('slug', 'first').get()), ['First']);
    assert.deepEqual(titles(await articles().notEqualTo('slug', 'first').sortBy([by]).get()), ['Second', 'Third']);
    assert.deepEqual(titles(await articles().between('rating', [4, 9]).sortBy([by]).get()), ['Second', 'Third']);
    assert.deepEqual(titles(await articles().contains('title', 'IR').sortBy([by]).get()), ['First', 'Third']);
    assert.deepEqual(titles(await articles().startsWith('title', 'Th').get()), ['Third']);
    assert.deepEqual(titles(await articles().isNotNull('day', true).get()), ['First']);
    assert.deepEqual(titles(await articles().greaterThan('rating', 3).lessThan('rating', 9).get()), ['Second']);
  });
  await call('filters through relations, and by ids', async () => {
    assert.deepEqual(titles(await articles().filterDeep('author.name', 'eq', 'Bob').get()), ['Third']);
    const { data } = await client.from('articles').selectManyByID([seeded.second.id, seeded.third.id]).get();
    assert.deepEqual(data.map(({ title }) => title).sort(), ['Second', 'Third']);
  });
  await call('populate', async () => {
    const [first] = (await articles().equalTo('slug', 'first').populate().get()).data;
    assert.deepEqual([first.author.name, first.cover.url], ['Ann', seeded.cover.url]);
    const [withAuthor] = (await articles().equalTo('slug', 'third').populateWith('author', ['name'], true).get()).data;
    assert.deepEqual([withAuthor.author.name, withAuthor.author.articles[0].title], ['Bob', 'Third']);
    const [flat] = (await articles().equalTo('slug', 'third').populateWith('author', ['name']).get()).data;
    assert.deepEqual(flat.author, { id: flat.author.id, documentId: seeded.bob.documentId, name: 'Bob' });
    const deep = [{ path: 'author', fields: ['name'], children: [{ key: 'articles', fields: ['title'] }] }];
    const [nested] = (await articles().equalTo('slug', 'third').populateDeep(deep).get()).data;
    assert.equal(nested.author.articles[0].title, 'Third');
  });
  await call('a locale', async () => {
    assert.deepEqual(titles(await articles().setLocale('nl').get()), ['Eerste']);
  });
  await call('create, update, delete', async () => {
    const { data: made } = await client.from('articles').create({ title: 'Chained' });
    assert.equal((await client.from('articles').update(made.documentId, { rating: 4 })).data.rating, 4);
    await client.from('articles').deleteOne(made.documentId);
    assert.deepEqual(titles(await articles().equalTo('title', 'Chained').get()), []);
    const { error } = await client.from('articles').update(made.documentId, { rating: 5 });
    assert.deepEqual([error.status, error.name], [404, 'NotFoundError']);
  });
  await call('users: sign up, sign in, me', async () => {
    const anonymous = createClient({ url: `${base}/api` });
    const { data } = await anonymous.auth.signUp({ username: 'kim', email: 'kim@example.org', password: 'secret12' });
    assert.equal(data.user.username, 'kim');
    const { data: session } = await anonymous.auth.signIn({ email: 'kim@example.org', password: 'secret12' });
    anonymous.setToken(session.jwt);
    assert.equal((await anonymous.auth.getMe()).data.email, 'kim@example.org');
    assert.deepEqual(
      (await client.from('users').select(['username']).equalTo('username', 'kim').get()).data.map(
        ({ username }) => username,
      ),
      ['kim'],
    );
  });
  await call("Strapi 4's publicationState is refused", async () => {
    const { error } = await articles().withDraft().get();
    assert.deepEqual([error.status, error.message], [400, 'Invalid key publicationState']);
  });
}
