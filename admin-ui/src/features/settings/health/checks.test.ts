import { expect, test } from 'vitest';
import en from '@/i18n/en/health.json';
import { repairTarget, failingChecks, checkTextKey, sortBySeverity } from './checks';

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

test.each([...CODES, 'something.new'])('%s has texts for success and failure', (code) => {
  const texts = Object.keys(en.check);
  expect(texts).toContain(checkTextKey(code));
  expect(Object.keys(en.check[checkTextKey(code) as keyof typeof en.check])).toEqual(expect.arrayContaining(['ok']));
});

test('the worst checks come first, and passing ones are left out', () => {
  const checks = [
    { code: 'mail.unset', level: 'warning', count: null },
    { code: 'disk.low', level: 'ok', count: null },
    { code: 'jobs.failed', level: 'problem', count: 3 },
  ] as const;
  expect(sortBySeverity(checks).map((one) => one.code)).toEqual(['jobs.failed', 'mail.unset', 'disk.low']);
  expect(failingChecks(checks).map((one) => one.code)).toEqual(['jobs.failed', 'mail.unset']);
});

test('checks that can be fixed in the admin link there', () => {
  expect(repairTarget('mail.failed')).toEqual({
    to: '/settings/mail',
    params: {},
    search: { tab: 'sent', state: 'failed' },
  });
  expect(repairTarget('something.new')).toBeUndefined();
});
