// @module-tag full
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';
import { DIST, isOtherVersion, writeOtherVersion } from './harness/otherVersion';

const UID = 'api::news.news';

/** Whether the page runs the scripts of the other version. */
const isNew = async (page: Page) =>
  isOtherVersion((await page.locator('script[type="module"]').first().getAttribute('src')) ?? '');

describe('a server of another version behind the same address', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-e2e-version-'));
  beforeAll(() => writeOtherVersion(folder));
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('takes what is typed in an open page, and says what is to be done where a part of it is gone', async () => {
    const id = await stage.api.write(UID, { title: 'Before', slug: 'before', body: 'Body', topic: 'people' });
    const { page } = await stage.as(ADMIN, `/content/${UID}/${id}`);
    expect(await isNew(page)).toBe(false);
    const title = page.getByRole('textbox', { name: 'Title', exact: true });
    await title.click();
    await page.keyboard.press('End');
    await page.keyboard.type(', during');
    await stage.server.update(folder);
    await page.keyboard.type(', after');
    await expect.poll(async () => (await stage.api.entry(UID, id)).title).toBe('Before, during, after');

    // A part of the page that this window has never shown is not there any more.
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    await page.getByText('Cairn has been updated').first().waitFor();
    await page.getByText('This page belongs to the previous version.').waitFor();
    expect(await page.getByText('dynamically imported').count()).toBe(0);
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByRole('heading', { name: 'Before, during, after', level: 1 }).waitFor();
    expect(await isNew(page)).toBe(true);
  });

  test('is gone on to by a link to a page that was not loaded before', async () => {
    await stage.server.update(DIST);
    const { page } = await stage.as(ADMIN, '/inbox');
    expect(await isNew(page)).toBe(false);
    await stage.server.update(folder);
    await page.getByRole('navigation').getByRole('link', { name: 'Releases', exact: true }).click();
    await page.getByRole('heading', { name: 'Releases', level: 1 }).waitFor();
    await expect.poll(() => isNew(page)).toBe(true);
  });
});
