// @module-tag full
import { describe, expect, test } from 'vitest';
import { startStage, violationsInBothSchemes, withAdmin } from './harness';

const LANGUAGES = { en: 'en-GB', nl: 'nl-NL' } as const;
const WIDTHS = [320, 1280] as const;

/** Pages of who is not signed in, and of who is. */
const SIGNED_OUT_PAGES = [
  '/',
  '/forgot-password',
  '/reset-password',
  '/reset-password?token=abc',
  '/accept-invitation?token=abc',
];
const SIGNED_IN_PAGES = ['/', '/profile', '/settings', '/no-such-page'];

describe.each(Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[])(
  'screens of the frame are accessible, in %s',
  (language) => {
    const stage = startStage({
      settings: withAdmin({
        adminUsers: [{ email: 'anna@example.com', password: 'correct horse battery staple', roles: ['super-admin'] }],
      }),
    });

    test.each(WIDTHS)('signed out, at %i px', async (width) => {
      const visitor = await stage.visitor({ locale: LANGUAGES[language], viewport: { width, height: 740 } });
      for (const path of SIGNED_OUT_PAGES) {
        await visitor.open(path);
        expect(await visitor.page.locator('html').getAttribute('lang')).toBe(language);
        expect(await violationsInBothSchemes(visitor.page), path).toEqual([]);
        expect(await visitor.scrollsSideways(), path).toBe(false);
      }
    });

    test.each(WIDTHS)('signed in, at %i px', async (width) => {
      const visitor = await stage.admin('/', { locale: LANGUAGES[language], viewport: { width, height: 740 } });
      for (const path of SIGNED_IN_PAGES) {
        await visitor.open(path);
        await visitor.quiet();
        expect(await violationsInBothSchemes(visitor.page), path).toEqual([]);
        expect(await visitor.scrollsSideways(), path).toBe(false);
        await visitor.picture(`frame-${language}-${width}${path.replaceAll('/', '-')}`);
      }
      if (width === 320) {
        await visitor.page.getByRole('button', { name: language === 'nl' ? 'Menu openen' : 'Open the menu' }).click();
        await visitor.page.getByRole('link', { name: language === 'nl' ? 'Instellingen' : 'Settings' }).waitFor();
        expect(await violationsInBothSchemes(visitor.page), 'menu').toEqual([]);
      }
    });
  },
);
