// @module-tag full
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, type Api, BERT, startStage, TOKENS, withAdmin } from './harness';
import { waitForValue } from './harness/patience';

const UID = 'api::news.news';
const READ = ['find', 'findOne'];
const ALL = [...READ, 'create', 'update', 'publish'];

interface Model {
  contentTypes: { uid: string; can: { update: boolean } }[];
}

const title = (page: Page) => page.getByRole('textbox', { name: 'Title', exact: true });

describe('a permission that is taken away while a page is open', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(
      {
        ...TOKENS,
        adminRoles: {
          writer: {
            name: 'Writer',
            actions: ['content-types.read'],
            permissions: { [UID]: ALL },
          },
        },
      },
      [{ ...BERT, roles: ['writer'] }],
    ),
  });

  let anna: Api;
  let bert: Api;
  beforeAll(async () => {
    [anna, bert] = await Promise.all([stage.api.as(ADMIN), stage.api.as(BERT)]);
  });

  /** Gives the role other permissions, and waits until the server goes by them. */
  async function permit(permissions: string[], mayUpdate: boolean): Promise<void> {
    await anna.admin('PUT', '/roles/writer', { permissions: { [UID]: permissions } });
    await waitForValue(async () => {
      const { contentTypes } = await bert.admin<Model>('GET', '/content-types');
      return contentTypes.find(({ uid }) => uid === UID)?.can.update === mayUpdate || undefined;
    });
  }

  test('is told in words, what was typed stays, and is saved once the permission is back', async () => {
    const id = await stage.api.write(UID, { title: 'Held', slug: 'held', body: 'Body', topic: 'people' });
    const { page } = await stage.as(BERT, `/content/${UID}/${id}`);
    await title(page).click();
    await permit(READ, false);

    await page.keyboard.press('End');
    await page.keyboard.type(' on to');
    await page.locator('[data-save="refused"]').getByText('Not saved – see below').waitFor();
    const told = page.getByRole('alert').filter({ hasText: 'You don’t have permission to do this' });
    await told.waitFor();
    expect(await title(page).inputValue()).toBe('Held on to');
    expect((await stage.api.entry(UID, id)).title).toBe('Held');
    expect(await allViolations(page)).toEqual([]);
    // Neither is it published by the keys, nor lost by trying.
    await page.keyboard.press('ControlOrMeta+Shift+p');
    await told.waitFor();
    expect(await title(page).inputValue()).toBe('Held on to');
    expect((await stage.api.entry(UID, id)).publishedAt).toBeNull();

    await permit(ALL, true);
    await page.keyboard.press('ControlOrMeta+s');
    await page.locator('[data-save="saved"]').waitFor();
    expect((await stage.api.entry(UID, id)).title).toBe('Held on to');
    await told.waitFor({ state: 'detached' });
  });

  test('what was typed is offered again after a reload, once the permission is back', async () => {
    const id = await stage.api.write(UID, { title: 'Kept', slug: 'kept', body: 'Body', topic: 'people' });
    const { page } = await stage.as(BERT, `/content/${UID}/${id}`);
    await title(page).click();
    await permit(READ, false);
    await page.keyboard.press('End');
    await page.keyboard.type(' here');
    await page.locator('[data-save="refused"]').waitFor();
    // The browser asks whether to leave; somebody does.
    page.on('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await page.getByText('You can read this, but not change it').waitFor();
    expect(await title(page).inputValue()).toBe('Kept');
    await permit(ALL, true);
    await page.reload();
    await page.getByText('There is unsaved work on this device').waitFor();
    await page.getByRole('button', { name: 'Restore it' }).click();
    await page.locator('[data-save="saved"]').filter({ hasText: /\d/ }).waitFor();
    expect((await stage.api.entry(UID, id)).title).toBe('Kept here');
  });

  test('a list says so as well, and keeps what is selected', async () => {
    const id = await stage.api.write(UID, { title: 'Chosen', slug: 'chosen', body: 'Body', topic: 'people' });
    const { page } = await stage.as(BERT, `/content/${UID}?q=Chosen`);
    await page.getByRole('checkbox', { name: 'Select Chosen' }).click();
    await permit(READ, false);
    await page.getByRole('toolbar').getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByText('1 failed:').waitFor();
    expect((await stage.api.entry(UID, id)).publishedAt).toBeNull();
    await permit(ALL, true);
  });
});
