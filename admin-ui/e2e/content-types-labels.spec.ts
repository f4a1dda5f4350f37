// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';

const TYPE = 'api::note.note';

const note = {
  kind: 'collectionType',
  collectionName: 'notes',
  info: { singularName: 'note', pluralName: 'notes', displayName: 'Note' },
  options: { draftAndPublish: false },
  attributes: { title: { type: 'string' }, place: { type: 'string' } },
};

describe('labels of fields', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });

  test('are set in the builder, and shown in the editor and the list in the language of each person', async () => {
    await stage.api.admin('POST', '/content-types/apply', {
      contentTypes: { [TYPE]: note },
      components: {},
      answers: {},
    });
    await stage.api.write(TYPE, { title: 'One', place: 'Hall' });
    const { page } = await stage.as(ADMIN, `/content-types/${TYPE}`);
    await page.locator('[data-field="title"]').click();
    const label = page.getByRole('textbox', { name: 'Label (Nederlands)' });
    await label.fill('x'.repeat(500));
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('At most 120 characters; this has 500.').waitFor();
    await label.fill('Kop');
    await page.getByRole('textbox', { name: 'Help text (Nederlands)' }).fill('Hoogstens één regel');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('link', { name: 'Review changes' }).click();
    await page.getByText('No content changes; only files do.').waitFor();
    await page.getByRole('button', { name: /^Apply/ }).click();
    await page.getByText('Changes applied', { exact: true }).first().waitFor();

    const english = await stage.as(ADMIN, `/content/${TYPE}`);
    await english.page.getByRole('columnheader', { name: /^Title/ }).waitFor();
    const dutch = await stage.as(ADMIN, `/content/${TYPE}`, { locale: 'nl-NL' });
    await dutch.page.getByRole('columnheader', { name: /^Kop/ }).waitFor();
    await dutch.page.getByRole('link', { name: 'One' }).first().click();
    await dutch.page.getByRole('textbox', { name: 'Kop' }).waitFor();
    await dutch.page.getByText('Hoogstens één regel').waitFor();
    expect(await dutch.page.getByRole('textbox', { name: 'Place' }).count()).toBe(1);
  });
});
