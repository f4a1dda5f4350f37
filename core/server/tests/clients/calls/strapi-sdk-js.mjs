// strapi-sdk-js: outside of a browser it keeps no token, so that the calls pass it in the headers.
import assert from 'node:assert/strict';

export default async function calls({ packages, base, token, seeded, call }) {
  const Strapi = packages.require('strapi-sdk-js');
  const withToken = (value) =>
    new Strapi({ url: base, axiosOptions: { headers: { Authorization: `Bearer ${value}` } } });
  const strapi = withToken(token);
  let made;

  await call('find', async () => {
    const { data, meta } = await strapi.find('articles', {
      filters: { rating: { $between: [3, 7] }, tags: { name: { $contains: 'red' } } },
      sort: ['rating:desc', 'title'],
      fields: ['title', 'rating'],
      populate: ['author', 'tags'],
      pagination: { page: 1, pageSize: 10 },
    });
    assert.deepEqual(
      data.map(({ title, author, tags }) => [title, author.name, tags.length]),
      [
        ['Second', 'Ann', 1],
        ['First', 'Ann', 2],
      ],
    );
    assert.equal(meta.pagination.total, 2);
  });
  await call('find: locale and single type', async () => {
    assert.deepEqual(
      (await strapi.find('articles', { locale: 'nl' })).data.map(({ title }) => title),
      ['Eerste'],
    );
    assert.equal((await strapi.find('homepage', { populate: '*' })).data.sections.length, 2);
  });
  await call('findOne', async () => {
    const { data } = await strapi.findOne('articles', seeded.first.documentId, {
      populate: { author: { populate: ['articles'] } },
    });
    assert.deepEqual(data.author.articles.map(({ title }) => title).sort(), ['First', 'Second']);
  });
  await call('create, update, delete', async () => {
    made = (await strapi.create('articles', { title: 'Sdk', seo: { metaTitle: 'S' } }, { populate: ['seo'] })).data;
    assert.equal(made.seo.metaTitle, 'S');
    assert.equal((await strapi.update('articles', made.documentId, { title: 'Sdk 2' })).data.title, 'Sdk 2');
    await strapi.delete('articles', made.documentId);
    await assert.rejects(
      strapi.findOne('articles', made.documentId),
      ({ error }) => error.status === 404 && error.name === 'NotFoundError',
    );
  });
  await call('errors', async () => {
    await assert.rejects(strapi.create('articles', {}), ({ data, error }) => {
      assert.deepEqual(
        [data, error.status, error.name, error.message],
        [null, 400, 'ValidationError', 'title must be a `string` type, but the final value was: `null`.'],
      );
      assert.deepEqual(error.details.errors[0].path, ['title']);
      return true;
    });
  });
  await call('register, login, me', async () => {
    const anonymous = new Strapi({ url: base });
    const account = { username: 'sam', email: 'sam@example.org', password: 'secret12' };
    const { user, jwt } = await anonymous.register(account);
    assert.deepEqual([user.username, user.confirmed], ['sam', true]);
    assert.equal((await withToken(jwt).fetchUser()).email, 'sam@example.org');
    assert.equal((await anonymous.login({ identifier: 'sam', password: 'secret12' })).user.id, user.id);
    await assert.rejects(
      anonymous.register(account),
      ({ error }) => error.message === 'Email or Username are already taken',
    );
    await assert.rejects(
      anonymous.login({ identifier: 'sam', password: 'wrong' }),
      ({ error }) => error.message === 'Invalid identifier or password',
    );
  });
  await call('change the password', async () => {
    const { jwt } = await new Strapi({ url: base }).login({ identifier: 'sam', password: 'secret12' });
    await withToken(jwt).changePassword({
      currentPassword: 'secret12',
      password: 'secret34',
      passwordConfirmation: 'secret34',
    });
    assert.ok((await new Strapi({ url: base }).login({ identifier: 'sam', password: 'secret34' })).jwt);
  });
  await call('upload', async () => {
    const form = new (packages.require('form-data'))();
    form.append('files', Buffer.from('hello'), { filename: 'hello.txt', contentType: 'text/plain' });
    const [file] = await strapi.request('post', '/upload', { data: form, headers: form.getHeaders() });
    assert.deepEqual([file.name, file.mime, file.ext], ['hello.txt', 'text/plain', '.txt']);
  });
}
