// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { type BackupRun, type BackupsState, isBusy } from '@/api/backups';
import { adminOf, isHost, isTenantName, suggestedHost, suggestedTenant } from './restoreTarget';

describe('the target of a restore', () => {
  it('is named by the day of the backup, in the local time zone', () => {
    expect(suggestedTenant(new Date(2026, 10, 1, 0, 5).toISOString())).toBe('restored-20261101');
    expect(suggestedTenant(new Date(2027, 0, 9, 23, 55).toISOString())).toBe('restored-20270109');
    expect(isTenantName(suggestedTenant(new Date().toISOString()))).toBe(true);
  });

  it.each(['a', 'restored-20261101', 'a'.repeat(31)])('may be called %s', (name) => {
    expect(isTenantName(name)).toBe(true);
  });

  it.each(['', '1a', '-a', 'A', 'a_b', 'a.b', 'a b', 'a'.repeat(32)])('may not be called “%s”', (name) => {
    expect(isTenantName(name)).toBe(false);
  });

  it.each([
    ['cms.example.com', 'old.cms.example.com'],
    ['localhost', 'old.localhost'],
    ['127.0.0.1', 'old.localhost'],
    ['[::1]', 'old.localhost'],
  ])('is suggested below %s as %s', (page, host) => {
    expect(suggestedHost('old', page)).toBe(host);
    expect(isHost(host)).toBe(true);
  });

  it.each(['', 'a b', 'https://a.example', 'a.example:80', 'a.example/admin'])(
    'has no suggested host for “%s”',
    (host) => {
      expect(isHost(host)).toBe(false);
    },
  );

  it('has its admin at the same protocol and port', () => {
    expect(adminOf('old.example.com', { protocol: 'https:', port: '' })).toBe('https://old.example.com/admin');
    expect(adminOf('old.localhost', { protocol: 'http:', port: '1337' })).toBe('http://old.localhost:1337/admin');
  });
});

const run: BackupRun = {
  what: 'take',
  name: 'a',
  tenant: null,
  startedAt: '2026-11-21T12:00:00Z',
  endedAt: null,
  error: null,
};
const state = (now: BackupRun | null): BackupsState => ({ backups: [], run: now, mayRestore: true });

describe('the state of the server', () => {
  it('is busy until the run has ended, whatever its result', () => {
    expect(isBusy(undefined)).toBe(false);
    expect(isBusy(state(null))).toBe(false);
    expect(isBusy(state(run))).toBe(true);
    expect(isBusy(state({ ...run, endedAt: '2026-11-21T12:00:01Z' }))).toBe(false);
    expect(isBusy(state({ ...run, endedAt: '2026-11-21T12:00:01Z', error: 'no room' }))).toBe(false);
  });
});
