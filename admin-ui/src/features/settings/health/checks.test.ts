import { expect, test } from 'vitest';
import en from '@/i18n/en/health.json';
import { mendedAt, notOk, textOf, worstFirst } from './checks';

const CODES = [
  'database.slow',
  'disk.low',
  'mail.unset',
  'mail.failed',
  'jobs.failed',
  'webhooks.disabled',
  'webhooks.failing',
  'deadLetters',
  'events.behind',
];

test.each([...CODES, 'something.new'])('%s has sentences for when all is well and when not', (code) => {
  const texts = Object.keys(en.check);
  expect(texts).toContain(textOf(code));
  expect(Object.keys(en.check[textOf(code) as keyof typeof en.check])).toEqual(expect.arrayContaining(['ok']));
});

test('what is worst comes first, and what is well is not among what needs a look', () => {
  const checks = [
    { code: 'mail.unset', level: 'warning', count: null },
    { code: 'disk.low', level: 'ok', count: null },
    { code: 'jobs.failed', level: 'problem', count: 3 },
  ] as const;
  expect(worstFirst(checks).map((one) => one.code)).toEqual(['jobs.failed', 'mail.unset', 'disk.low']);
  expect(notOk(checks).map((one) => one.code)).toEqual(['jobs.failed', 'mail.unset']);
});

test('what can be mended here leads there', () => {
  expect(mendedAt('mail.failed')).toEqual({
    to: '/settings/mail',
    params: {},
    search: { tab: 'sent', state: 'failed' },
  });
  expect(mendedAt('something.new')).toBeUndefined();
});
