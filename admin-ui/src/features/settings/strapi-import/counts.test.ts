import { expect, test } from 'vitest';
import { isComplete, listCounts } from './counts';

const REPORT = {
  strapi: '5.54.0',
  archivedAt: '2026-11-30T10:00:00.000Z',
  types: {
    'plugin::users-permissions.user': { inArchive: 2, imported: 2 },
    'api::tag.tag': { inArchive: 5, imported: 5 },
    'api::article.article': { inArchive: 9, imported: 8 },
    'plugin::content-releases.release': { inArchive: 1, imported: 0 },
  },
  links: { inArchive: 7, imported: 7 },
  assets: { inArchive: 3, imported: 2 },
  locales: ['en'],
  permissions: [],
  registration: '',
  differences: [],
  leftToDo: [],
  unlisted: 0,
};

test('what is missing in the project’s own types comes first, links and files last', () => {
  const rows = listCounts(REPORT);
  expect(rows.map((row) => row.name)).toEqual([
    'api::article.article',
    'api::tag.tag',
    'plugin::content-releases.release',
    'plugin::users-permissions.user',
    'links',
    'assets',
  ]);
  expect(rows.filter((row) => !isComplete(row)).map((row) => row.inStrapi - row.imported)).toEqual([1, 1, 1]);
});
