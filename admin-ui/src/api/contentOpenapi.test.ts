// @vitest-environment node

import { readFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';
import { expect, test } from 'vitest';

// docs/front-end-developers.md tells front-end developers to make types of the description of the content API with this tool.
test('types can be made of the description of the content API', async () => {
  const description = readFileSync(
    new URL('../../../core/content-openapi/tests/openapi.json', import.meta.url),
    'utf8',
  );
  const types = astToString(await openapiTS(description));
  for (const part of ['"/api/articles/{documentId}"', 'listArticle: {', 'ArticleInput: {', '"If-Match"?:']) {
    expect(types).toContain(part);
  }
});
