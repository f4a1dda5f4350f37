// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { typeOf } from '@/test/typeOf';
import { titleOf } from './Card';

const type = typeOf('Note', { titleField: 'code', titleFallback: 'title' });
const entry = (values: object) => ({ documentId: 'd1', ...values }) as never;

test.each([
  [{ code: 'K-7', title: 'Words' }, 'K-7'],
  [{ code: '', title: 'Words' }, 'Words'],
  [{ code: ' \u00a0', title: 'Words' }, 'Words'],
  [{ code: null, title: ' ' }, 'd1'],
  [{ code: 0, title: 'Words' }, '0'],
])('%j is called %s', (values, title) => {
  expect(titleOf(type, entry(values))).toBe(title);
});
