// @module-tag full
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, startStage, TOKENS, type Visitor, violations, withAdmin } from './harness';
import { extendLimit } from './harness/patience';
import { routes } from './harness/routes';
import { fillProject, type Sample } from './harness/sampleContent';

const ROUTES = routes();

/** Where a route with names in its path leads, by the path. One that is not here fails: whoever adds it says where it leads. */
const EXAMPLES: Record<string, (sample: Sample) => string> = {
  '/content/$uid': ({ uid }) => `/content/${uid}`,
  '/content/$uid/bin': ({ uid }) => `/content/${uid}/bin`,
  '/content/$uid/create': ({ uid }) => `/content/${uid}/create`,
  '/content/$uid/$documentId': ({ uid, documentId }) => `/content/${uid}/${documentId}`,
  '/views/$id': ({ view }) => `/views/${view}`,
  '/views/$id/edit': ({ view }) => `/views/${view}/edit`,
  '/calendar/rules/$id': ({ rule }) => `/calendar/rules/${rule}`,
  '/settings/owners/$id': ({ owner }) => `/settings/owners/${owner}`,
  '/settings/working-calendars/$name': () => '/settings/working-calendars/workshop',
  '/content-types/$uid': ({ uid }) => `/content-types/${uid}`,
  '/site-users/$id': ({ siteUser }) => `/site-users/${siteUser}`,
  '/releases/$id': ({ release }) => `/releases/${release}`,
  // Without a plugin each says that it is not there.
  '/plugins/$plugin': () => '/plugins/none',
  '/plugins/$plugin/pages/$': () => '/plugins/none/pages/board',
  '/content/$uid/with/$plugin/$view': ({ uid }) => `/content/${uid}/with/none/board`,
  '/settings/deliveries/$name': () => '/settings/deliveries/webhooks',
  '/settings/webhooks/$id': ({ webhook }) => `/settings/webhooks/${webhook}`,
  '/settings/mail/templates/$name/$locale': () => '/settings/mail/templates/admin.invitation/nl',
  '/settings/workflows/$name': () => '/settings/workflows/news',
  '/settings/roles/$code': () => '/settings/roles/editor',
  '/settings/content-roles/$code': () => '/settings/content-roles/public',
  '/settings/api-tokens/$id': ({ token }) => `/settings/api-tokens/${token}`,
  '/settings/api-tokens/admin/$id': ({ adminToken }) => `/settings/api-tokens/admin/${adminToken}`,
};

/** What an address's search shows beside. */
const SEARCH_EXAMPLES: ((sample: Sample) => string)[] = [
  ({ uid }) => `/content/${uid}?view=kanban&group=topic`,
  ({ uid }) => `/content/${uid}?view=calendar&date=publishOn`,
  ({ uid }) => `/content/${uid}?view=gallery&cover=cover`,
  ({ uid, documentId }) => `/content/${uid}/${documentId}?locale=en&beside=nl`,
  ...['history', 'comments', 'review', 'plans'].map(
    (panel) =>
      ({ uid, documentId }: Sample) =>
        `/content/${uid}/${documentId}?panel=${panel}`,
  ),
  ({ asset }) => `/media?file=${asset}`,
  () => '/media?trash=true',
  () => '/releases?view=board',
  () => '/inbox?tab=waiting',
  () => '/content-types?create=collectionType',
  ({ uid }) => `/content-types/${uid}?field=title`,
  () => '/settings/mail?tab=templates',
  () => '/settings/mail?tab=sent',
  () => '/settings/mail?tab=suppressed',
  ({ webhook }) => `/settings/webhooks/${webhook}?tab=deliveries`,
  () => '/settings/users?user=1',
  () => '/settings/users?invite=true',
  () => '/site-users?invite=true',
  () => '/settings/roles/new',
  () => '/settings/content-roles/new',
  () => '/settings/api-tokens/new',
  () => '/settings/api-tokens/admin/new',
  () => '/no-such-page',
];

/** How a screen is shown. */
interface Mode {
  width: number;
  colours: 'light' | 'dark' | 'forced colours';
}

/** The smallest phone, a tablet, a laptop, and a desktop. */
const WIDTHS = [320, 768, 1440, 1920];

/**
 * Both languages together show each width, and the narrowest and the widest in forced colours; each language shows light and dark. At a width, all
 * rules are checked in what comes first, those on colours in the others. `CAIRN_E2E_LARGE=1` sees everything in everything.
 */
const MODES: Record<'en' | 'nl', Mode[]> =
  process.env.CAIRN_E2E_LARGE === '1'
    ? { en: allModes(), nl: allModes() }
    : {
        en: [
          { width: 1440, colours: 'light' },
          { width: 320, colours: 'dark' },
          { width: 320, colours: 'forced colours' },
          { width: 1920, colours: 'forced colours' },
        ],
        nl: [
          { width: 1920, colours: 'dark' },
          { width: 768, colours: 'dark' },
          { width: 320, colours: 'light' },
        ],
      };

function allModes(): Mode[] {
  return WIDTHS.flatMap((width) =>
    (['light', 'dark', 'forced colours'] as const).map((colours): Mode => ({ width, colours })),
  );
}

const LOCALES = { en: 'en-GB', nl: 'nl-NL' };

test('every route has an example address', () => {
  const named = ROUTES.map(({ path }) => path).filter((path) => path.includes('$'));
  expect(
    named.filter((path) => !(path in EXAMPLES)),
    'say in EXAMPLES where these lead',
  ).toEqual([]);
  expect(
    Object.keys(EXAMPLES).filter((path) => !named.includes(path)),
    'these are no routes any more',
  ).toEqual([]);
});

/**
 * Sees one address in all modes, and says what is wrong with it in each. At each width all rules are checked once; seen again at that width, in
 * other colours, only the rules on colours. English comes to each by its address, as from a bookmark; Dutch goes from one to the next, as by
 * links, which is quicker and shows what one leaves behind for the other.
 */
async function inspectPage(
  visitor: Visitor,
  address: string,
  modes: readonly Mode[],
  language: string,
): Promise<string[]> {
  const { page } = visitor;
  const wrong: string[] = [];
  if (language === 'nl' && page.url().startsWith(visitor.base)) await visitor.goOn(address);
  else await visitor.open(address);
  const checkedWidths = new Set<number>();
  for (const { width, colours } of modes) {
    const colorScheme = colours === 'dark' ? 'dark' : 'light';
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme, forcedColors: colours === 'forced colours' ? 'active' : 'none' });
    await page.waitForFunction((scheme) => document.documentElement.dataset.mantineColorScheme === scheme, colorScheme);
    // A panel scrolls into view at some widths. What then lies half behind a bar comes out by scrolling, and is no finding.
    await page.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
    const where = `${address} (${language}, ${width} px, ${colours})`;
    const rules = checkedWidths.has(width) ? 'colours' : 'all';
    checkedWidths.add(width);
    wrong.push(...(await violations(page, rules)).map((line) => `${where}: ${line}`));
    if (await visitor.scrollsSideways()) wrong.push(`${where}: it scrolls sideways`);
    await visitor.picture(`${language}-${width}-${colours.replaceAll(' ', '-')}${address.replaceAll(/[^\w]+/g, '-')}`);
  }
  return wrong;
}

// How screens look is not the database's doing: they are looked at once.
describe.skipIf(process.env.CAIRN_TEST_DATABASE_URL).each(['en', 'nl'] as const)(
  'all screens are accessible, in %s',
  (language) => {
    const stage = startStage({
      contentTypes: 'content-types',
      settings: withAdmin({
        ...TOKENS,
        locales: { default: 'en', available: ['en', 'nl'] },
        calendars: {
          workshop: {
            title: 'Workshop',
            zone: 'Europe/Amsterdam',
            preset: 'nl',
            hours: { monday: ['09:00-12:30', '13:00-17:00'], friday: ['22:00-06:00'] },
            holidays: [{ date: '12-24', name: 'Christmas Eve', hours: ['09:00-12:00'] }],
          },
        },
        workflows: {
          news: { contentTypes: ['api::news.news'], stages: [{ name: 'writing' }, { name: 'ready' }], approvals: [] },
        },
      }),
    });
    let sample: Sample;
    beforeAll(async () => {
      sample = await fillProject(stage.api);
    });

    const addresses = (layout: string[]) =>
      ROUTES.filter((route) => layout.includes(route.layout)).map(({ path }) => EXAMPLES[path]?.(sample) ?? path);

    test(
      'signed out',
      async () => {
        const visitor = await stage.visitor({ locale: LOCALES[language] });
        const wrong: string[] = [];
        for (const address of ['/', ...addresses(['public'])])
          wrong.push(...(await inspectPage(visitor, address, MODES[language], language)));
        expect(wrong).toEqual([]);
      },
      extendLimit(120_000),
    );

    test.each([
      ['pages', ['app']],
      ['settings', ['settings']],
      ['what an address adds', []],
    ] as [string, string[]][])(
      'signed in: %s',
      async (_, layout) => {
        const visitor = await stage.as(ADMIN, '/', { locale: LOCALES[language] });
        const all = layout.length > 0 ? addresses(layout) : SEARCH_EXAMPLES.map((address) => address(sample));
        const wrong: string[] = [];
        for (const address of all) wrong.push(...(await inspectPage(visitor, address, MODES[language], language)));
        expect(wrong).toEqual([]);
      },
      extendLimit(240_000),
    );
  },
);
