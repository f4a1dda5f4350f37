// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';

const TYPE = 'api::note.note';

/** A layout edited by hand: fields that it names were removed since. */
const cairn = {
  mainField: 'code',
  columns: ['gone', 'code', 'title'],
  sort: 'gone:desc',
  groups: [
    { label: 'Texts', fields: ['gone', 'title'] },
    { label: 'Nothing', fields: ['gone too'], tab: true },
  ],
};

const note = {
  kind: 'collectionType',
  collectionName: 'notes',
  info: { singularName: 'note', pluralName: 'notes', displayName: 'Note' },
  options: { draftAndPublish: true },
  pluginOptions: { cairn },
  attributes: { code: { type: 'string' }, title: { type: 'string' } },
};

describe('a layout that names a removed field', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });

  test('is used without it; entries whose title field is empty are called by another text', async () => {
    await stage.api.admin('POST', '/content-types/apply', {
      contentTypes: { [TYPE]: note },
      components: {},
      answers: {},
    });
    await stage.api.write(TYPE, { title: 'Plain words' });
    await stage.api.write(TYPE, { code: ' ', title: 'Blank code' });
    const nameless = await stage.api.write(TYPE, {});
    const { page } = await stage.as(ADMIN, `/content/${TYPE}`);
    await page.getByRole('link', { name: 'Plain words', exact: true }).waitFor();
    const heads = await page.getByRole('columnheader').allTextContents();
    expect(heads.join()).toContain('Code');
    expect(heads.join()).not.toMatch(/gone/i);
    expect(await allViolations(page)).toEqual([]);

    await page.getByRole('link', { name: 'Plain words', exact: true }).click();
    await page.getByRole('heading', { name: 'Plain words', level: 1 }).waitFor();
    await page.getByText('Texts', { exact: true }).waitFor();
    expect(await page.getByRole('tab', { name: 'Nothing' }).count()).toBe(0);
    // Its own title is typed, and is the heading from then on.
    await page.getByRole('textbox', { name: 'Code' }).fill('K-7');
    await page.getByRole('heading', { name: 'K-7', level: 1 }).waitFor();
    await page.locator('[data-save="saved"]').filter({ hasText: /\d/ }).waitFor();

    await page.goto(`/admin/content/${TYPE}/${nameless}`);
    await page.getByRole('heading', { name: 'Note without a title', level: 1 }).waitFor();
    expect(await allViolations(page)).toEqual([]);
  });
});
