// @sensinum/astro-strapi-loader: collections for Astro, with schemas made from what the content-type builder says.
import assert from 'node:assert/strict';
import { astroContext } from '../astro-context.mjs';

export default async function calls({ packages, base, token, seeded, call }) {
  const loader = await packages.bundle("export * from '@sensinum/astro-strapi-loader';", {
    'astro:content': 'export const defineCollection = (collection) => collection;',
  });
  const server = { url: base, token };
  let schemas;

  await call('content types and components', async () => {
    const types = await loader.fetchContentTypes(server);
    assert.deepEqual(types.map(({ uid }) => uid).sort(), [
      'api::article.article',
      'api::author.author',
      'api::homepage.homepage',
      'api::tag.tag',
    ]);
    const article = types.find(({ apiID }) => apiID === 'article').schema;
    assert.deepEqual([article.kind, article.pluralName, article.draftAndPublish], ['collectionType', 'articles', true]);
    assert.deepEqual(article.attributes.kind.enum, ['news', 'opinion']);
    assert.deepEqual(article.attributes.author.target, 'api::author.author');
    assert.deepEqual((await loader.fetchComponents(server)).map(({ uid, category }) => [uid, category]).sort(), [
      ['shared.link', 'shared'],
      ['shared.seo', 'shared'],
    ]);
  });
  await call('schemas accept the entries', async () => {
    schemas = await loader.generateStrapiSchema(server);
    assert.deepEqual(Object.keys(schemas).sort(), ['articles', 'authors', 'homepage', 'tags']);
    const { data } = await loader.fetchContent({
      ...server,
      contentType: 'articles',
      queryParams: 'populate=*&sort=slug',
    });
    const [first] = data.map((entry) => schemas.articles.parse(entry));
    assert.deepEqual(
      [first.title, first.seo.metaTitle, first.cover.name, first.tags.length],
      ['First', 'First!', 'cover.png', 2],
    );
    const strict = await loader.generateStrapiSchema({ ...server, strict: true });
    assert.equal(strict.articles.parse(data[0]).author.name, 'Ann');
    assert.equal(strict.articles.safeParse({ ...data[0], title: undefined }).success, false);
    assert.equal(schemas.articles.safeParse({ ...data[0], kind: 'rumour' }).success, false);
  });
  await call('collections', async () => {
    const collections = await loader.generateCollections(server, [
      {
        name: 'articles',
        query: { populate: { author: true }, sort: ['rating:desc'], filters: { rating: { $gt: 5 } } },
      },
      { name: 'homepage', query: { populate: '*' } },
    ]);
    const load = async ({ loader: { load: run }, schema }) => {
      const context = astroContext(async ({ data }) => schema.parse(data));
      await run(context);
      return context.store;
    };
    assert.deepEqual(
      (await load(collections.articles)).values().map(({ data }) => data.title),
      ['Third', 'Second'],
    );
    assert.equal((await load(collections.articles)).has(seeded.first.documentId), false);
    assert.deepEqual(
      (await load(collections.homepage)).values().map(({ data }) => data.headline),
      ['Welcome'],
    );
  });
}
