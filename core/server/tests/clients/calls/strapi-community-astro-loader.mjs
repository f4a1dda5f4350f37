// strapi-community-astro-loader: `load` as Astro calls it, with a store of Astro's form.
import assert from 'node:assert/strict';
import { astroContext } from '../astro-context.mjs';

export default async function calls({ packages, base, token, seeded, call }) {
  const { strapiLoader } = await packages.import('strapi-community-astro-loader');
  const load = async (params, options = {}) => {
    const context = astroContext();
    await strapiLoader({
      contentType: 'article',
      clientConfig: { baseURL: `${base}/api`, auth: token },
      params,
      ...options,
    }).load(context);
    return context;
  };

  await call('load, page by page', async () => {
    const { store, meta } = await load({ sort: 'slug', populate: { author: true } }, { pageSize: 1 });
    assert.deepEqual(
      [...store.values()].map(({ data }) => [data.title, data.author.name]),
      [
        ['First', 'Ann'],
        ['Second', 'Ann'],
        ['Third', 'Bob'],
      ],
    );
    assert.ok(store.has(seeded.first.documentId));
    assert.ok(Number(meta.get('lastSynced')) > 0);
  });
  await call('load: filters, locale, drafts', async () => {
    const titles = async (params) => [...(await load(params)).store.values()].map(({ data }) => data.title);
    assert.deepEqual(await titles({ filters: { rating: { $gt: 8 } } }), ['Third']);
    assert.deepEqual(await titles({ locale: 'nl' }), ['Eerste']);
    assert.equal((await titles({ status: 'draft' })).length, 4);
  });
  await call('a type with its own plural', async () => {
    const { store } = await load({}, { contentType: 'author', pluralContentType: 'authors' });
    assert.deepEqual(
      [...store.values()].map(({ data }) => data.name),
      ['Ann', 'Bob'],
    );
  });
}
