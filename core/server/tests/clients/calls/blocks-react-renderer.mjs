// @strapi/blocks-react-renderer: HTML of a text as the server returns it.
import assert from 'node:assert/strict';

export default async function calls({ packages, base, seeded, call }) {
  const { createElement } = packages.require('react');
  const { renderToStaticMarkup } = packages.require('react-dom/server');
  const { BlocksRenderer } = packages.require('@strapi/blocks-react-renderer');

  await call('render', async () => {
    const response = await fetch(`${base}/api/articles/${seeded.first.documentId}?fields=body`);
    const { data } = await response.json();
    assert.equal(
      renderToStaticMarkup(createElement(BlocksRenderer, { content: data.body })),
      '<h2>Stones</h2><p>A cairn is a <strong>heap</strong> of <a href="https://example.org/stones">stones</a></p><ul><li>granite</li></ul>',
    );
  });
}
