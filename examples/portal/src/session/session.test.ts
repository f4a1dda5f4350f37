import { describe, expect, test } from 'vitest';
import { CookieJar, readCookies } from './cookies.ts';
import { readDraft, removeDraft, storeDraft } from './draft.ts';
import { storeNotice, takeNotice } from './notice.ts';
import { readNextPath } from './paths.ts';
import { deriveKeys, formToken, isFormToken, open, seal } from './seal.ts';
import { endSession, isRenewalDue, readSession, type Session, sealSession, startSession } from './session.ts';

const keys = deriveKeys('a secret of the tests that is long enough');
const otherKeys = deriveKeys('another secret of the tests that is long enough');
const NOW = Date.UTC(2026, 0, 1);

/** Cookies that a browser sends after these were set. */
function sentAfter(jar: CookieJar): Map<string, string> {
  return readCookies(
    jar
      .list()
      .map((line) => line.split(';')[0])
      .join('; '),
  );
}

describe('seals', () => {
  test('open for their purpose and key only, and only unchanged', () => {
    const sealed = seal(keys, 'a', 'text');
    expect(open(keys, 'a', sealed)?.toString()).toBe('text');
    expect(open(keys, 'b', sealed)).toBeUndefined();
    expect(open(otherKeys, 'a', sealed)).toBeUndefined();
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      const bytes = open(keys, 'a', changed);
      // The last character has bits that no byte uses.
      expect(bytes === undefined || Buffer.from(changed, 'base64url').equals(Buffer.from(sealed, 'base64url'))).toBe(
        true,
      );
    }
    for (const wrong of ['', 'A', '🚗', 'x'.repeat(30)]) expect(open(keys, 'a', wrong)).toBeUndefined();
  });

  test('differ each time, and show nothing of the text', () => {
    expect(seal(keys, 'a', 'text')).not.toBe(seal(keys, 'a', 'text'));
    expect(Buffer.from(seal(keys, 'a', 'a secret token'), 'base64url').toString('latin1')).not.toContain('secret');
  });
});

test('tokens of forms are those of one visit and one session', () => {
  const token = formToken(keys, 'visit', 'session');
  expect(isFormToken(keys, 'visit', 'session', token)).toBe(true);
  expect(isFormToken(keys, 'visit', '', token)).toBe(false);
  expect(isFormToken(keys, 'other', 'session', token)).toBe(false);
  expect(isFormToken(otherKeys, 'visit', 'session', token)).toBe(false);
  for (const wrong of ['', 'x', `${token}x`, token.slice(1)])
    expect(isFormToken(keys, 'visit', 'session', wrong)).toBe(false);
  // The parts before and after the separator are not mixed up.
  expect(formToken(keys, 'a', 'b')).not.toBe(formToken(keys, 'a\nb', ''));
});

describe('sessions', () => {
  const session: Session = startSession('anna', { token: 'jwt', refreshToken: undefined }, NOW);
  const cookie = sealSession(keys, session);

  test('end after the idle time, to the millisecond', () => {
    expect(readSession(keys, cookie, NOW + 1_799_999, 1800)).toEqual({ kind: 'live', session });
    expect(readSession(keys, cookie, NOW + 1_800_000, 1800)).toEqual({ kind: 'ended', session });
  });

  test('are none where the cookie is missing, wrong or of another version', () => {
    for (const wrong of [
      undefined,
      '',
      'x',
      seal(keys, 'portal_session', '{"id":"1"}'),
      sealSession(otherKeys, session),
    ]) {
      expect(readSession(keys, wrong, NOW, 1800)).toEqual({ kind: 'none' });
    }
  });

  test('leave no token behind when they end', () => {
    const ended = endSession({ ...session, refreshToken: 'refresh' });
    expect(ended).toEqual({ ...session, token: '', refreshToken: undefined });
    expect(readSession(keys, sealSession(keys, ended), NOW, 1800).kind).toBe('ended');
  });

  test('are stored anew after a minute of thirty', () => {
    expect(isRenewalDue(session, NOW + 59_999, 1800)).toBe(false);
    expect(isRenewalDue(session, NOW + 60_000, 1800)).toBe(true);
  });
});

describe('drafts', () => {
  const draft = {
    user: 'anna',
    path: '/rate?step=ontwerp',
    fields: [['text', 'Mooi werk, é 🚗']] as [string, string][],
  };

  test('come back to their owner on their page', () => {
    const jar = new CookieJar(false);
    expect(storeDraft(keys, jar, draft)).toBe(true);
    const cookies = sentAfter(jar);
    expect(readDraft(keys, cookies, 'anna', draft.path)).toEqual(draft);
    expect(readDraft(keys, cookies, 'bram', draft.path)).toBeUndefined();
    expect(readDraft(keys, cookies, 'anna', '/configuration')).toBeUndefined();
    const removal = new CookieJar(false);
    removeDraft(cookies, removal);
    expect(removal.list().every((line) => line.includes('Max-Age=0'))).toBe(true);
    expect(removal.list().length).toBeGreaterThan(0);
  });

  test('of the longest texts fit, and larger ones are refused', () => {
    const ofText = (text: string) => ({ ...draft, fields: [['text', text]] as [string, string][] });
    const jar = new CookieJar(true);
    const long = ofText(
      Array.from({ length: 2_000 }, (_, at) => String.fromCodePoint(0x4e00 + ((at * 7919) % 20_000))).join(''),
    );
    expect(storeDraft(keys, jar, long)).toBe(true);
    expect(jar.list().every((line) => line.length < 4_096)).toBe(true);
    expect(readDraft(keys, sentAfter(jar), 'anna', draft.path)).toEqual(long);
    const noise = ofText(
      Array.from({ length: 20_000 }, (_, at) => String.fromCodePoint(0x4e00 + ((at * 7919) % 20_000))).join(''),
    );
    expect(storeDraft(keys, new CookieJar(true), noise)).toBe(false);
  });
});

test('notices are shown once', () => {
  const jar = new CookieJar(false);
  storeNotice(keys, jar, 'Saved; “yes”');
  const next = new CookieJar(false);
  expect(takeNotice(keys, sentAfter(jar), next)).toBe('Saved; “yes”');
  expect(next.list()[0]).toContain('Max-Age=0');
  expect(takeNotice(keys, new Map([['portal_notice', 'You have won']]), next)).toBeUndefined();
});

test('cookies are for the server alone', () => {
  const jar = new CookieJar(true);
  jar.set('a', '1');
  expect(jar.list()).toEqual(['a=1; Path=/; HttpOnly; SameSite=Lax; Secure']);
  expect([...readCookies('a=1; b=x=y; a=2; c')]).toEqual([
    ['a', '1'],
    ['b', 'x=y'],
  ]);
});

test('pages to go on to are those of this site', () => {
  for (const path of ['/', '/documents?page=2', '/help/a?space=b']) expect(readNextPath(path)).toBe(path);
  const others = [
    '//example.com',
    '/\\example.com',
    '/\t/example.com',
    'https://example.com',
    'javascript:alert(1)',
    '',
    'documents',
    '/x/..//example.com',
    '/.//example.com',
  ];
  for (const wrong of others) expect(readNextPath(wrong), wrong).toBe('/');
  for (const nothing of [null, undefined]) expect(readNextPath(nothing)).toBe('/');
});
