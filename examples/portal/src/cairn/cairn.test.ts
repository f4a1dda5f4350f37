import { describe, expect, test } from 'vitest';
import { type CairnApi, CairnError } from './api.ts';
import { isTokenEnding, TokenRefresher } from './sign-in.ts';
import { DEFAULT_THEME, parseTheme, ThemeCache } from './theme.ts';

/** An API whose next answers are these; an error is thrown. */
function apiWith(...answers: unknown[]): { api: CairnApi; calls: string[] } {
  const calls: string[] = [];
  const answer = async (path: string) => {
    calls.push(path);
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  };
  return { api: { caller: { language: 'nl' }, get: answer, post: answer } as unknown as CairnApi, calls };
}

describe('themes', () => {
  test('are taken as far as they can be used', () => {
    expect(parseTheme(undefined)).toEqual(DEFAULT_THEME);
    const wrong = { colors: { accent: '#b5121b' }, locales: ['de'], timeZone: 'Mars', name: ' ' };
    expect(parseTheme(wrong)).toEqual(DEFAULT_THEME);
    // What Cairn calls a site that nobody has named.
    expect(parseTheme({ name: 'Cairn' }).name).toBe('Portal');
    expect(parseTheme({ colors: { accent: 'red;}body{display:none', onAccent: '#ffffff' } })).toEqual(DEFAULT_THEME);
    for (const url of [
      'https://example.com/logo.svg',
      '//example.com/logo.svg',
      'javascript:/uploads/a',
      'http://',
      7,
    ]) {
      expect(parseTheme({ logo: { url } }).logo).toBeNull();
    }
    const picture = { url: 'https://cms.example.com/uploads/a.jpg?v=1' };
    expect(parseTheme({ picture }).picture?.url).toBe('/uploads/a.jpg?v=1');
    const logo = { url: '/uploads/logo.svg', width: 120, height: 0, alt: 'Donkervoort' };
    const colors = { accent: '#b5121b', onAccent: '#ffffff' };
    const theme = parseTheme({ name: 'Donkervoort', colors, logo, locales: ['en', 'fr'] });
    expect(theme).toMatchObject({ accent: '#b5121b', logo: { ...logo, height: null }, languages: ['en'] });
  });

  test('are read once a minute, and kept while Cairn does not answer', async () => {
    const { api, calls } = apiWith({ name: 'One' }, { name: 'Two' }, new CairnError(503, '', [], undefined), {
      name: 'Three',
    });
    const cache = new ThemeCache();
    const nameAt = async (seconds: number) => (await cache.get(api, seconds * 1_000)).name;
    expect([await nameAt(0), await nameAt(59), await nameAt(60), await nameAt(120), await nameAt(124)]).toEqual([
      'One',
      'One',
      'Two',
      'Two',
      'Two',
    ]);
    expect(calls.length).toBe(3);
    expect(await nameAt(125)).toBe('Three');
  });
});

describe('tokens', () => {
  test('end by what they say', () => {
    const token = (payload: object) => `x.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.y`;
    expect(isTokenEnding(token({ exp: 1_000 }), 970_000)).toBe(true);
    expect(isTokenEnding(token({ exp: 1_000 }), 969_000)).toBe(false);
    for (const unknown of ['', 'x.y.z', token({})]) expect(isTokenEnding(unknown, 0)).toBe(false);
  });

  test('are refreshed once for requests that come together, and for those that come a little later', async () => {
    const { api, calls } = apiWith({ jwt: 'next', refreshToken: 'r2' });
    const refresher = new TokenRefresher();
    const both = await Promise.all([refresher.refresh(api, 'r1'), refresher.refresh(api, 'r1')]);
    expect([...both, await refresher.refresh(api, 'r1')]).toEqual(Array(3).fill({ token: 'next', refreshToken: 'r2' }));
    expect(calls).toEqual(['/auth/refresh']);
  });

  test('are none where Cairn refuses, and tried again where it does not answer', async () => {
    const refused = apiWith(new CairnError(401, '', [], undefined));
    expect(await new TokenRefresher().refresh(refused.api, 'r1')).toBeUndefined();
    const { api, calls } = apiWith(new TypeError('fetch failed'), { jwt: 'next' });
    const refresher = new TokenRefresher();
    await expect(refresher.refresh(api, 'r1')).rejects.toThrow('fetch failed');
    expect(await refresher.refresh(api, 'r1')).toEqual({ token: 'next', refreshToken: undefined });
    expect(calls.length).toBe(2);
  });
});
