// @module-tag full
// @module-tag postgresql
import { describe, expect, test } from 'vitest';
import {
  ADMIN,
  inThreeSeconds,
  User,
  inAnHour,
  startStage,
  TOKENS,
  allViolations,
  withAdmin,
  writeMoment,
  ZONE,
} from './harness';

const UID = 'api::news.news';
const INPUT_DEVICES = ['mouse', 'keyboard'] as const;
const ENTRIES = 50;

describe('a release of 50 entries in two languages, one of them incomplete', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin({ ...TOKENS, locales: { default: 'en', available: ['en', 'nl'] } }),
  });
  const made: { way: string; release: number; documents: string[] }[] = [];

  /** Entries in both languages; of one the Dutch text is missing. */
  async function write(way: string): Promise<string[]> {
    const one = async (_: unknown, at: number): Promise<string> => {
      const data = (word: string) => ({
        title: `${word} ${way} ${at}`,
        slug: `${word}-${way}-${at}`.toLowerCase(),
        body: word,
        topic: 'people',
      });
      const id = await stage.api.write(UID, data('English'));
      const { body, ...dutch } = data('Dutch');
      await stage.api.admin('PUT', `/content/${UID}/${id}?locale=nl`, { data: at === 37 ? dutch : { ...dutch, body } });
      return id;
    };
    return Promise.all(Array.from({ length: ENTRIES }, one));
  }

  test.each(INPUT_DEVICES)(
    'names the incomplete entry and the reason, and is scheduled after the fix (%s)',
    async (way) => {
      const documents = await write(way);
      const { id } = await stage.api.admin<{ id: number }>('POST', '/releases', { name: `Spring ${way}` });
      const items = documents.flatMap((documentId) =>
        ['en', 'nl'].map((locale) => ({ contentType: UID, documentId, locale, action: 'publish' })),
      );
      await stage.api.admin('POST', `/releases/${id}/items`, { items });
      made.push({ way, release: id, documents });

      const { page } = await stage.as(ADMIN, '/releases');
      const user = new User(page, way);
      await user.use(page.getByRole('link', { name: `Spring ${way}` }));
      await page.getByText('1 entry is not ready').waitFor();
      expect(await page.getByRole('button', { name: 'Publish now' }).isDisabled()).toBe(true);
      const row = page.getByRole('row').filter({ hasText: `Dutch ${way} 37` });
      await row.getByText(/body/i).first().waitFor();
      expect(await allViolations(page)).toEqual([]);
      await user.use(row.getByRole('link').first());
      await page.getByRole('heading', { name: `Dutch ${way} 37`, level: 1 }).waitFor();
      await user.write(page.getByRole('textbox', { name: 'Body' }), 'Nu compleet.');
      await user.press('ControlOrMeta+s');
      await page.locator('[data-save="saved"]').filter({ hasText: /\d/ }).waitFor();
      await page.goBack();
      await page.getByText('Ready to publish').waitFor();
      await user.use(page.getByRole('button', { name: 'Schedule', exact: true }));
      const dialog = page.getByRole('dialog', { name: 'Schedule' });
      expect(await allViolations(page)).toEqual([]);
      const moment = inAnHour();
      await writeMoment(user, moment);
      await user.use(dialog.getByRole('button', { name: 'Schedule', exact: true }));
      await dialog.waitFor({ state: 'detached' });
      await page.getByText('Scheduled', { exact: true }).first().waitFor();
      const planned = await stage.api.admin<{ localTime: string; zone: string }>('GET', `/releases/${id}`);
      expect([planned.localTime, planned.zone]).toEqual([moment, ZONE]);
      await stage.api.admin('POST', `/releases/${id}/actions/schedule`, inThreeSeconds());
    },
  );

  test('is published once at its time', async () => {
    for (const { way, release, documents } of made) {
      await expect
        .poll(async () => (await stage.api.admin<{ state: string }>('GET', `/releases/${release}`)).state)
        .toBe('done');
      const { meta } = await stage.api.ask(
        'GET',
        `/api/news-items?locale=nl&filters[title][$contains]=${way}&pagination[pageSize]=1`,
      );
      expect((meta.pagination as { total: number }).total).toBe(ENTRIES);
      for (const documentId of [documents[0], documents[37], documents[49]]) {
        const history = await stage.api.admin<{ action: string; locale: string }[]>(
          'GET',
          `/history?type=${UID}&documentId=${documentId}&limit=100`,
        );
        expect(
          history
            .filter(({ action }) => action === 'published')
            .map(({ locale }) => locale)
            .toSorted(),
        ).toEqual(['en', 'nl']);
      }
    }
  });
});
