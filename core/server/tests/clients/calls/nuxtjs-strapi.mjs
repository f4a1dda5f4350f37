// @nuxtjs/strapi: its composables, with Nuxt's own in their plainest form.
import assert from 'node:assert/strict';

// What `#imports` is in an application. One state for all calls, as in a browser.
const nuxt = (config) => `
  import { ref } from 'vue';
  import { ofetch } from 'ofetch';
  const runtime = ${JSON.stringify({ public: { strapi: config }, strapi: config })};
  const app = { hooks: { callHook() {} } };
  const states = {};
  globalThis.$fetch = ofetch;
  export const useNuxtApp = () => app;
  export const useRuntimeConfig = () => runtime;
  export const useCookie = () => ref(null);
  export const useState = (key) => (states[key] ??= ref(null));
  export { useStrapiClient } from '@nuxtjs/strapi/dist/runtime/composables/useStrapiClient.js';
`;

export default async function calls({ packages, base, token, seeded, call }) {
  const folder = packages.file('@nuxtjs/strapi/dist/runtime');
  const load = (config) =>
    packages.bundle(
      `export { useStrapi } from '${folder}/composables-v5/useStrapi.js';
       export { useStrapiAuth } from '${folder}/composables/useStrapiAuth.js';
       export { useStrapiMedia } from '${folder}/composables/useStrapiMedia.js';`,
      {
        '#imports': nuxt({
          url: base,
          prefix: '/api',
          version: 'v5',
          cookieName: 'strapi_jwt',
          cookie: {},
          auth: {},
          ...config,
        }).replaceAll('@nuxtjs/strapi/dist/runtime', folder),
      },
    );
  const { useStrapi, useStrapiMedia } = await load({ token });
  const { find, findOne, create, update, delete: remove } = useStrapi();
  let made;

  await call('find', async () => {
    const { data, meta } = await find('articles', {
      filters: { $and: [{ rating: { $gt: 2 } }, { author: { name: 'Ann' } }] },
      sort: ['rating:desc'],
      populate: ['author', 'cover'],
      fields: ['title'],
      pagination: { limit: 1 },
    });
    assert.deepEqual(
      data.map(({ title, author }) => [title, author.name]),
      [['Second', 'Ann']],
    );
    assert.deepEqual(meta.pagination, { start: 0, limit: 1, total: 2 });
  });
  await call('findOne: locale, single type', async () => {
    assert.equal((await findOne('articles', seeded.first.documentId, { locale: 'nl' })).data.title, 'Eerste');
    assert.equal(
      (await findOne('homepage', undefined, { populate: { sections: { populate: '*' } } })).data.sections[1].metaTitle,
      'Home',
    );
  });
  await call('create, update, delete', async () => {
    made = (await create('articles', { title: 'Nuxt', tags: [seeded.red.documentId] }, { populate: ['tags'] })).data;
    assert.deepEqual(
      made.tags.map(({ name }) => name),
      ['red'],
    );
    assert.equal((await update('articles', made.documentId, { rating: 5 })).data.rating, 5);
    assert.equal((await update('homepage', { headline: 'Welcome' })).data.headline, 'Welcome');
    await remove('articles', made.documentId);
    await assert.rejects(findOne('articles', made.documentId), ({ error }) => error.status === 404);
  });
  await call('the address of a file', async () => {
    const response = await fetch(useStrapiMedia(seeded.cover.url));
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'image/png']);
  });
  await call('register, login, me', async () => {
    const { useStrapiAuth } = await load({});
    const { register, login, fetchUser, logout } = useStrapiAuth();
    assert.equal(
      (await register({ username: 'nora', email: 'nora@example.org', password: 'secret12' })).user.value.username,
      'nora',
    );
    logout();
    assert.equal((await fetchUser()).value, null);
    assert.equal(
      (await login({ identifier: 'nora@example.org', password: 'secret12' })).user.value.email,
      'nora@example.org',
    );
    await assert.rejects(
      login({ identifier: 'nora', password: 'wrong' }),
      ({ error }) => error.message === 'Invalid identifier or password',
    );
  });
}
