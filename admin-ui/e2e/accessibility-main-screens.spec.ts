import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, startStage, TOKENS, violationsInBothSchemes, withAdmin } from './harness';
import { fillProject, type Sample } from './harness/sampleContent';

/** Where people are every day. All screens there are: accessibility-all-screens.spec.ts. */
const SCREENS: ((sample: Sample) => string)[] = [
  () => '/',
  ({ uid }) => `/content/${uid}`,
  ({ uid }) => `/content/${uid}/create`,
  ({ uid, documentId }) => `/content/${uid}/${documentId}`,
  ({ uid, documentId }) => `/content/${uid}/${documentId}?locale=en&beside=nl`,
  () => '/media',
  () => '/content-types',
  () => '/calendar',
  () => '/releases',
  () => '/inbox',
  () => '/settings',
  () => '/settings/users',
];

// How screens look is not the database's doing: they are looked at once.
describe.skipIf(process.env.CAIRN_TEST_DATABASE_URL)('main screens are accessible', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin({ ...TOKENS, locales: { default: 'en', available: ['en', 'nl'] } }),
  });
  let sample: Sample;
  beforeAll(async () => {
    sample = await fillProject(stage.api);
  });

  test.each([
    [1440, 'en-GB'],
    [390, 'nl-NL'],
  ])('at %i px, in %s', async (width, locale) => {
    const visitor = await stage.as(ADMIN, '/', { locale, viewport: { width, height: 800 } });
    const wrong: string[] = [];
    for (const screen of SCREENS) {
      const address = screen(sample);
      await visitor.goOn(address);
      await visitor.quiet();
      // Where nothing is fetched any more, a screen may still be on its way.
      await visitor.page.getByRole('heading', { level: 1 }).first().waitFor();
      wrong.push(...(await violationsInBothSchemes(visitor.page)).map((line) => `${address}: ${line}`));
      if (await visitor.scrollsSideways()) wrong.push(`${address}: it scrolls sideways`);
    }
    expect(wrong).toEqual([]);
  });
});
