// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { contentApiAddress } from './contentApi';

const type = { route: 'as', kind: 'collectionType' as const };

test('the address of an entry in the content API', () => {
  const { origin } = window.location;
  expect(contentApiAddress(type, 'd 1')).toBe(`${origin}/api/as/d%201`);
  expect(contentApiAddress(type, 'd', { locale: 'nl', status: 'draft', populate: '*' })).toBe(
    `${origin}/api/as/d?locale=nl&status=draft&populate=*`,
  );
  // Types of plugins have its name in their route; a single type has no document in its address.
  const single = { ...type, kind: 'singleType' as const, route: 'crm/home' };
  expect(contentApiAddress(single, 'd', { locale: undefined })).toBe(`${origin}/api/crm/home`);
});
