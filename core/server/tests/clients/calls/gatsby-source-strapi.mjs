// gatsby-source-strapi: `sourceNodes` as Gatsby calls it, with what Gatsby hands to plugins.
import assert from 'node:assert/strict';

export default async function calls({ packages, base, token, seeded, call }) {
  const { sourceNodes } = packages.require('gatsby-source-strapi/dist/gatsby-node.js');
  const nodesOf = async (config) => {
    const gatsby = fakeGatsby();
    await sourceNodes(gatsby, { apiURL: base, accessToken: token, skipFileDownloads: true, ...config });
    return { gatsby, of: (type) => gatsby.nodes.filter((node) => node.internal.type === type) };
  };

  await call('collection types and single types', async () => {
    const { of } = await nodesOf({ collectionTypes: ['article', 'author', 'tag'], singleTypes: ['homepage'] });
    const articles = of('STRAPI_ARTICLE').filter((node) => !node.parent);
    assert.deepEqual(articles.map((node) => node.title).sort(), ['First', 'Second', 'Third']);
    assert.ok(articles.some((node) => node.strapi_document_id_or_regular_id === seeded.first.documentId));
    assert.deepEqual([...new Set(of('STRAPI_AUTHOR').map((node) => node.name))].sort(), ['Ann', 'Bob']);
    assert.deepEqual(
      of('STRAPI_HOMEPAGE').map((node) => node.headline),
      ['Welcome'],
    );
    assert.deepEqual(
      of('STRAPI__COMPONENT_SHARED_SEO')
        .map((node) => node.metaTitle)
        .sort(),
      ['First!', 'Home'],
    );
    assert.ok(of('STRAPI_ARTICLE_SUMMARY_TEXTNODE').some((node) => node.summary === 'A **short** text'));
    assert.equal(of('STRAPI__MEDIA')[0].url, seeded.cover.url);
  });
  await call('pages of one entry each', async () => {
    const { of } = await nodesOf({
      collectionTypes: [
        { singularName: 'article', queryLimit: 1, queryParams: { populate: { author: true }, sort: 'slug' } },
      ],
    });
    assert.deepEqual(
      of('STRAPI_ARTICLE')
        .map((node) => node.title)
        .sort(),
      ['First', 'Second', 'Third'],
    );
  });
  await call('a locale, and drafts', async () => {
    const dutch = await nodesOf({
      collectionTypes: [{ singularName: 'article', pluginOptions: { i18n: { locale: 'nl' } } }],
    });
    assert.ok(dutch.of('STRAPI_ARTICLE').some((node) => node.title === 'Eerste' && node.locale === 'nl'));
    const drafts = await nodesOf({
      collectionTypes: [
        { singularName: 'article', queryParams: { publicationState: 'preview', populate: { author: true } } },
      ],
    });
    assert.ok(drafts.of('STRAPI_ARTICLE').some((node) => node.title === 'Unfinished'));
  });
  await call('what has changed since the last build', async () => {
    const gatsby = fakeGatsby(new Map([['timestamp', Date.now() + 60_000]]));
    await sourceNodes(gatsby, {
      apiURL: base,
      accessToken: token,
      skipFileDownloads: true,
      collectionTypes: ['author'],
    });
    assert.deepEqual(gatsby.nodes, []);
  });
}

function fakeGatsby(kept = new Map()) {
  const nodes = [];
  const cache = { get: async (key) => kept.get(key), set: async (key, value) => void kept.set(key, value) };
  return {
    nodes,
    cache,
    getCache: () => cache,
    actions: { createNode: async (node) => void nodes.push(node), deleteNode() {}, touchNode() {} },
    createContentDigest: (value) => JSON.stringify(value),
    createNodeId: (text) => text,
    getNode: (id) => nodes.find((node) => node.id === id),
    getNodes: () => nodes,
    reporter: {
      info() {},
      warn() {},
      panic(message, error) {
        throw new Error(`${message}: ${JSON.stringify(error?.response?.data ?? String(error))}`);
      },
    },
    store: {},
  };
}
