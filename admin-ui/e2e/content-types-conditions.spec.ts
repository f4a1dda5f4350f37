// @module-tag full
import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';

const TYPE = 'api::clip.clip';

const clip = {
  kind: 'collectionType',
  collectionName: 'clips',
  info: { singularName: 'clip', pluralName: 'clips', displayName: 'Clip' },
  options: { draftAndPublish: false },
  attributes: {
    title: { type: 'string' },
    kind: { type: 'enumeration', enum: ['video', 'text'] },
    address: { type: 'string', required: true },
  },
};

/** Chooses an option by the keyboard: a list that opens in a drawer may still move under a pointer. */
async function choose(list: Locator, name: string): Promise<void> {
  const option = list.page().getByRole('option', { name, exact: true });
  await list.focus();
  await list.press('ArrowDown');
  await option.waitFor();
  while ((await option.getAttribute('data-combobox-selected')) !== 'true') await list.press('ArrowDown');
  await list.press('Enter');
  await expect.poll(() => list.inputValue()).toBe(name);
}

describe('icons and tabs', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });

  test('are chosen in the builder, and shown in the menu and in the form', async () => {
    await stage.api.admin('POST', '/content-types/apply', {
      contentTypes: { [TYPE]: clip },
      components: {},
      answers: {},
    });
    const entry = await stage.api.write(TYPE, { title: 'One', address: 'x' });
    const visitor = await stage.as(ADMIN, `/content-types/${TYPE}`);
    const { page } = visitor;
    await page.getByRole('combobox', { name: 'Icon' }).fill('tick');
    await page.getByRole('option', { name: 'Ticket' }).click();
    await page.getByRole('button', { name: 'Add a tab' }).click();
    await page.getByRole('textbox', { name: 'Name of the tab (English)' }).fill('More');
    await page.getByRole('group', { name: 'Tab 1' }).getByRole('combobox', { name: 'Fields' }).click();
    await page.getByRole('option', { name: 'Address' }).click();
    await page.keyboard.press('Escape');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Review changes' }).click();
    await page.getByRole('button', { name: /^Apply/ }).click();
    await page.getByText('Changes applied', { exact: true }).first().waitFor();

    const editor = await stage.as(ADMIN, `/content/${TYPE}/${entry}?field=address`);
    await editor.page.getByRole('tab', { name: 'More', selected: true }).waitFor();
    const address = editor.page.getByRole('textbox', { name: 'Address' });
    await expect.poll(() => address.evaluate((input) => input === document.activeElement)).toBe(true);
    expect(await allViolations(editor.page)).toEqual([]);
    const link = editor.page.getByRole('navigation').getByRole('link', { name: 'Clip' });
    await expect.poll(() => link.locator('svg path').count()).toBe(1);
  });
});

describe('conditions of fields', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });

  test('are made in the builder, hide a field in the editor, and are true on the server', async () => {
    await stage.api.admin('POST', '/content-types/apply', {
      contentTypes: { [TYPE]: clip },
      components: {},
      answers: {},
    });
    const visitor = await stage.as(ADMIN, `/content-types/${TYPE}`);
    const { page } = visitor;
    await page.locator('[data-field="address"]').click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('button', { name: 'Add a condition' }).click();
    const comparison = drawer.getByRole('group', { name: 'Comparison 1' });
    // The first field that can be compared is a text: its value is asked for.
    await drawer.getByRole('button', { name: 'Done' }).click();
    await comparison.getByText('Enter a value.').waitFor();
    await choose(comparison.getByRole('combobox', { name: 'Field' }), 'Kind');
    expect(await comparison.getByRole('combobox', { name: 'Value' }).inputValue()).toBe('video');
    expect(await allViolations(page)).toEqual([]);
    await visitor.picture('condition-drawer');
    await drawer.getByRole('button', { name: 'Done' }).click();
    const row = page.locator('li', { has: page.locator('[data-field="address"]') });
    await row.getByText('Conditional').waitFor();

    // The condition follows a field that is renamed, and says so when it is deleted; a step back restores it.
    const undo = page.getByRole('button', { name: 'Undo' });
    await page.locator('[data-field="kind"]').click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('sort');
    await drawer.getByRole('button', { name: 'Done' }).click();
    await page.locator('[data-field="sort"]').waitFor();
    expect(await page.getByText('doesn’t exist').count()).toBe(0);
    await undo.click();
    await page.getByRole('button', { name: 'Actions for kind' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await row.getByText('The condition uses the field “kind”, which doesn’t exist.').waitFor();
    await page.getByText('Used in the conditions of: Address').waitFor();
    expect(await allViolations(page)).toEqual([]);
    await visitor.picture('condition-missing');
    await undo.click();
    await page.locator('[data-field="kind"]').waitFor();
    expect(await page.getByText('doesn’t exist').count()).toBe(0);

    // A circle is told on each of its fields.
    await page.locator('[data-field="kind"]').click();
    await drawer.getByRole('button', { name: 'Add a condition' }).click();
    await choose(comparison.getByRole('combobox', { name: 'Field' }), 'Address');
    await choose(comparison.getByRole('combobox', { name: 'Comparison' }), 'is filled in');
    await drawer.getByText('These conditions depend on each other:').waitFor();
    await drawer.getByRole('button', { name: 'Done' }).click();
    expect(await page.getByText('These conditions depend on each other:').count()).toBe(2);
    await page.getByRole('button', { name: 'Undo' }).click();

    await page.getByRole('link', { name: 'Review changes' }).click();
    await page.getByRole('button', { name: /^Apply/ }).click();
    await page.getByText('Changes applied', { exact: true }).first().waitFor();
    const { data } = await stage.api.ask<{ contentTypes: { uid: string; attributes: Record<string, unknown> }[] }>(
      'GET',
      '/admin/api/content-types',
    );
    expect(data.contentTypes.find(({ uid }) => uid === TYPE)?.attributes.address).toMatchObject({
      required: true,
      conditions: { visible: { '==': [{ var: 'kind' }, 'video'] } },
    });

    // Nothing is required of a hidden field, and its value stays.
    const write = (entry: Record<string, unknown>) => stage.api.ask('POST', '/api/clips', { data: entry });
    expect((await write({ title: 'Words', kind: 'text' })).status).toBe(201);
    expect((await write({ title: 'Film', kind: 'video' })).status).toBe(400);
    const hidden = await write({ title: 'Kept', kind: 'text', address: 'https://example.org' });
    expect(hidden.data).toMatchObject({ address: 'https://example.org' });

    const editor = await stage.as(ADMIN, `/content/${TYPE}/${String(hidden.data.documentId)}`, { locale: 'nl-NL' });
    await editor.page.getByRole('textbox', { name: 'Title' }).waitFor();
    expect(await editor.page.getByRole('textbox', { name: 'Address' }).count()).toBe(0);
    await editor.page.getByRole('combobox', { name: 'Kind' }).click();
    await editor.page.getByRole('option', { name: 'video' }).click();
    const address = editor.page.getByRole('textbox', { name: 'Address' });
    await address.waitFor();
    expect(await address.inputValue()).toBe('https://example.org');
  });
});
