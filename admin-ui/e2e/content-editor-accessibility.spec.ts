// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, startStage, allViolations, violationsInBothSchemes, withAdmin } from './harness';

const UPDATE = 'api::update.update';
/** The smallest picture there is. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const paragraph = (text: string) => ({ type: 'paragraph', children: [{ type: 'text', text }] });

describe('writing accessible content by keyboard', () => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin() });
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };

  async function update(slug: string, more: object): Promise<string> {
    const answer = await fetch(`${stage.server.base}/admin/api/content/${UPDATE}`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ data: { title: slug, slug, happenedOn: '2026-03-01', ...more } }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return ((await answer.json()) as { data: { documentId: string } }).data.documentId;
  }
  async function bodyOf(id: string): Promise<Record<string, unknown>[]> {
    const answer = await fetch(`${stage.server.base}/admin/api/content/${UPDATE}/${id}`, { headers });
    return ((await answer.json()) as { data: { body: Record<string, unknown>[] } }).data.body;
  }

  test('the editor asks for alternative texts and reports skipped heading levels', async () => {
    const form = new FormData();
    form.append('files', new Blob([PNG], { type: 'image/png' }), 'workshop.png');
    const sent = await fetch(`${stage.server.base}/api/upload`, { method: 'POST', headers, body: form });
    expect(sent.ok, await sent.clone().text()).toBe(true);
    const id = await update('pictures', {
      body: [
        { type: 'heading', level: 4, children: [{ type: 'text', text: 'Deep down' }] },
        { type: 'paragraph', children: [{ type: 'text', text: '' }] },
      ],
    });
    const { page } = await stage.admin(`/content/${UPDATE}/${id}`);
    const text = page.getByRole('textbox', { name: 'Rich text of Body' });
    await text.locator('p').click();
    await page.keyboard.type('/image');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('workshop.png').first().click();
    await page.getByRole('button', { name: 'Use 1 file' }).click();
    const asked = page.getByRole('dialog', { name: 'What the image shows' });
    await asked.waitFor();
    await page.keyboard.press('Escape');
    await asked.waitFor({ state: 'detached' });
    await text.getByText('No alternative text yet').waitFor();

    const hints = page.getByRole('button', { name: '2 accessibility hints' });
    await hints.click();
    await page.getByText('there is no heading 2 above it').waitFor();
    await page.getByRole('button', { name: 'Change to heading 2' }).click();
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Describe it' }).click();
    await asked.waitFor();
    expect(await allViolations(page)).toEqual([]);
    await asked.getByLabel('Alternative text').fill('The workshop at night');
    await page.keyboard.press('Tab');
    await asked.getByRole('button', { name: 'Done' }).press('Enter');
    await page.getByRole('button', { name: /accessibility hints?/ }).waitFor({ state: 'detached' });
    await page.locator('[data-save="saved"]').waitFor();
    await expect
      .poll(() => bodyOf(id))
      .toMatchObject([
        { type: 'heading', level: 2 },
        { type: 'image', image: { alternativeText: 'The workshop at night' } },
        {},
      ]);
  });

  test('a link is set and a block moved, and both are undone without a mouse', async () => {
    const id = await update('keys', { body: [paragraph('First'), paragraph('Second')] });
    const { page } = await stage.admin(`/content/${UPDATE}/${id}`);
    const text = page.getByRole('textbox', { name: 'Rich text of Body' });
    await text.locator('p').last().click();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await page.keyboard.press('Control+Shift+K');
    const address = page.getByLabel('Address');
    const inAddress = () => address.evaluate((element) => element === document.activeElement);
    await expect.poll(inAddress).toBe(true);
    await page.keyboard.type('example.com');
    await page.keyboard.press('Enter');
    await text.locator('a[href="https://example.com"]').waitFor();
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(() => text.locator('p').allTextContents()).toEqual(['Second', 'First']);
    // Esc closes what is on top alone, and the cursor is back in the text.
    await page.keyboard.press('Control+Shift+K');
    await expect.poll(inAddress).toBe(true);
    await page.keyboard.press('Escape');
    await address.waitFor({ state: 'detached' });
    await page.keyboard.press('Control+z');
    await expect.poll(() => text.locator('p').allTextContents()).toEqual(['First', 'Second']);
    await page.keyboard.press('Control+z');
    await text.locator('a').waitFor({ state: 'detached' });
  });

  test('a component is found by its fields', async () => {
    const id = await update('blocks', {});
    const { page } = await stage.admin(`/content/${UPDATE}/${id}`);
    await page.getByRole('button', { name: 'Add a component' }).click();
    await page.getByLabel('Search components').fill('author');
    expect(await page.getByRole('option').allTextContents()).toEqual([expect.stringContaining('Quote')]);
    // A list that hangs below its button goes when the window becomes another: it is looked at as it is.
    expect(await violationsInBothSchemes(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '1. Quote' }).first().waitFor();
  });

  test('Escape closes only the topmost layer, also while an entry is created beside the page', async () => {
    const id = await update('layers', {});
    const { page } = await stage.admin(`/content/${UPDATE}/${id}`);
    await page.locator('[data-field="phase"] input').fill('Brand new');
    await page.getByRole('option', { name: /Brand new/ }).click();
    const drawer = page.getByRole('dialog', { name: 'New: Phase' });
    // The form of the page has a title as well: a label leads to the one beside it.
    await drawer.locator('[data-field="title"] label').click();
    await expect
      .poll(() =>
        drawer.locator('[data-field="title"] input').evaluate((element) => element === document.activeElement),
      )
      .toBe(true);
    await drawer.getByRole('button', { name: 'Choose from library' }).first().click();
    const picker = page.getByRole('dialog', { name: 'Choose files' });
    await expect
      .poll(() => picker.getByLabel('Search files').evaluate((element) => element === document.activeElement))
      .toBe(true);
    await page.keyboard.press('Escape');
    await picker.waitFor({ state: 'detached' });
    expect(await drawer.locator('[data-field="title"] input').inputValue()).toBe('Brand new');
    await drawer.locator('[data-field="title"] input').press('Escape');
    await drawer.waitFor({ state: 'detached' });
  });
});
