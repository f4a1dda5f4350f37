// @vitest-environment jsdom
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findTakenValues } from './content';
import type { ContentType } from './model';

const type: ContentType = {
  uid: 'api::a.a',
  kind: 'collectionType',
  info: { singularName: 'a', pluralName: 'as', displayName: 'A', description: '' },
  draftAndPublish: true,
  localized: true,
  titleField: 'title',
  route: 'as',
  previewable: false,
  privateFiles: false,
  attributes: { slug: { type: 'uid' } },
  can: { find: true, create: true, update: true, delete: true, publish: true, fields: { read: null, write: null } },
  missingChecks: [],
};

const asked: URLSearchParams[] = [];
const server = setupServer(
  http.get('*/admin/api/content/:uid', ({ request }) => {
    const query = new URL(request.url).searchParams;
    asked.push(query);
    const slug = query.get('status') === 'draft' ? 'rain-2' : 'rain';
    return HttpResponse.json({ data: [{ id: 1, documentId: 'd', slug }], meta: { states: {} } });
  }),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => void asked.splice(0));
afterAll(() => server.close());

test('values are taken by drafts and by what is published of other documents, in one language', async () => {
  const taken = await findTakenValues(type, 'slug', ['rain', 'rain-2', 'rain-3'], { locale: 'nl', documentId: 'own' });
  expect([...taken].toSorted()).toEqual(['rain', 'rain-2']);
  expect(asked.map((query) => query.get('status')).toSorted()).toEqual(['draft', 'published']);
  expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
    'fields[0]': 'slug',
    'filters[slug][$in][0]': 'rain',
    'filters[slug][$in][2]': 'rain-3',
    'filters[documentId][$ne]': 'own',
    locale: 'nl',
  });
});

test('values of an attribute that may not be read are not asked for', async () => {
  const unread = { ...type, can: { ...type.can, fields: { read: ['title'], write: null } } };
  expect(await findTakenValues(unread, 'slug', ['rain'], { locale: undefined, documentId: undefined })).toEqual(
    new Set(),
  );
  expect(asked).toEqual([]);
});
