// @module-tag full
// @module-tag postgresql
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { startStage, allViolations, withAdmin } from './harness';

const TOKEN = 'a-token-for-the-content-api-of-32-signs';
const RECIPE = '/content-types/api::recipe.recipe';

async function apply(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Apply/ }).click();
  await page.getByText('Changes applied', { exact: true }).first().waitFor();
}

describe('content types changed while the server runs', () => {
  const stage = startStage({
    settings: withAdmin({ apiTokens: [{ name: 'site', type: 'full-access', token: TOKEN }] }),
  });

  async function api(
    path: string,
    body?: object,
  ): Promise<{ status: number; data: Record<string, unknown> & { documentId: string } }> {
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${stage.server.base}/api${path}`, {
      headers,
      ...(body ? { method: 'POST', body: JSON.stringify({ data: body }) } : {}),
    });
    return { status: answer.status, data: ((await answer.json()) as { data: never }).data };
  }

  let documentId = '';
  const stored = async () => (await api(`/recipes/${documentId}?status=draft`)).data;

  test('a new type appears in the content API', async () => {
    const { page } = await stage.admin('/content-types');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'New content type' }).click();
    await page.getByRole('textbox', { name: 'Display name' }).fill('Recipe');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'Recipe', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Add a field' }).click();
    await page.getByRole('button', { name: /^Whole number/ }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('servings');
    await page.getByRole('button', { name: 'Add the field' }).click();
    // By keys: the last field becomes the first.
    await page.locator('[data-field="servings"]').focus();
    await page.keyboard.press('Alt+Home');
    await page.waitForFunction(() => document.querySelector('[data-field]')?.getAttribute('data-field') === 'servings');
    // What is not applied is still there after a reload.
    await page.reload();
    await page.locator('[data-field="servings"]').waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Review changes' }).click();
    await page.getByText('Add the content type').first().waitFor();
    expect(await allViolations(page)).toEqual([]);
    await apply(page);
    const made = await api('/recipes', { title: 'Soup', slug: 'soup', servings: 4 });
    expect(made.status).toBe(201);
    documentId = made.data.documentId;
  });

  test('a renamed field keeps its content, also after the change is undone', async () => {
    const { page } = await stage.admin(RECIPE);
    await page.locator('[data-field="servings"]').click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('portions');
    await page.getByText('Renamed from “servings”; it keeps its content.').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('link', { name: 'Review changes' }).click();
    await apply(page);
    expect(await stored()).toMatchObject({ portions: 4 });
    await page.getByRole('button', { name: 'Undo these changes' }).click();
    await page.getByText('Changes applied', { exact: true }).first().waitFor({ state: 'hidden' });
    await expect.poll(stored).toMatchObject({ servings: 4 });
    expect(await stored()).not.toHaveProperty('portions');
  });

  test('content of a removed field is deleted only after confirmation', async () => {
    const { page } = await stage.admin(RECIPE);
    await page.getByRole('button', { name: 'Actions for servings' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('link', { name: 'Review changes' }).click();
    const button = page.getByRole('button', { name: /^Apply/ });
    await button.waitFor();
    expect(await button.isDisabled()).toBe(true);
    expect(await allViolations(page)).toEqual([]);
    await page.getByLabel('Type “delete” to confirm').fill('delet');
    expect(await button.isDisabled()).toBe(true);
    expect(await stored()).toMatchObject({ servings: 4 });
    await page.getByLabel('Type “delete” to confirm').fill('delete');
    await apply(page);
    expect(await stored()).not.toHaveProperty('servings');
  });

  test('errors are shown at the field', async () => {
    const { page } = await stage.admin(RECIPE);
    await page.getByRole('button', { name: 'Add a field' }).click();
    await page.getByRole('button', { name: /^Choice/ }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('course');
    await page.getByRole('button', { name: 'Add the field' }).click();
    await page.getByText('Fix 1 problem first').waitFor();
    await page.getByRole('button', { name: 'Discard all' }).click();
    await page.locator('[data-field="course"]').waitFor({ state: 'detached' });
    await page.goto('/admin/content-types/diagram');
    await page.getByRole('heading', { name: 'Diagram' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
  });
});

describe('content types on a phone, in Dutch', () => {
  const stage = startStage({ settings: withAdmin(), contentTypes: 'content-types' });

  test('the pages do not scroll sideways', async () => {
    const visitor = await stage.admin('/content-types', { locale: 'nl-NL', viewport: { width: 320, height: 740 } });
    for (const path of ['/content-types', '/content-types/api::news.news', '/content-types/diagram']) {
      await visitor.open(path);
      await visitor.page.locator('main h1').waitFor();
      expect(await allViolations(visitor.page), path).toEqual([]);
      expect(await visitor.scrollsSideways(), path).toBe(false);
    }
  });
});
