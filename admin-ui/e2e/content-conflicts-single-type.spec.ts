// @module-tag full
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ADMIN, BERT, User, startStage, TOKENS, withAdmin } from './harness';

const HOME = 'api::portal-home.portal-home';
const SETTINGS = 'api::portal-settings.portal-settings';
const MISSING = 'There is no version in this language yet';

const waitUntilSaved = (page: Page) => page.locator('[data-save="saved"]').filter({ hasText: /\d/ }).waitFor();

describe.each(['mouse', 'keyboard'] as const)('two people edit a single type, by %s', (way) => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin({ ...TOKENS, locales: { default: 'en', available: ['en', 'nl'] } }, [
      { ...BERT, roles: ['super-admin'] },
    ]),
  });

  async function both(uid: string, locale?: string) {
    const path = `/content/${uid}${locale ? `?locale=${locale}` : ''}`;
    const [anna, bert] = [await stage.as(ADMIN, path), await stage.as(BERT, path)];
    return { anna: { ...anna, user: new User(anna.page, way) }, bert: { ...bert, user: new User(bert.page, way) } };
  }
  const now = (uid: string, locale?: string) =>
    stage.api.admin('GET', `/content/${uid}${locale ? `?locale=${locale}` : ''}`);

  test("saving without drafts keeps the other person's changes", async () => {
    await stage.api.admin('PUT', `/content/${SETTINGS}`, {
      data: { supportEmail: 'old@example.com', supportPhone: '1' },
    });
    const { anna, bert } = await both(SETTINGS);
    await anna.user.write(anna.page.getByRole('textbox', { name: 'Support email' }), 'new@example.com');
    await anna.user.press('ControlOrMeta+s');
    await waitUntilSaved(anna.page);
    await bert.user.write(bert.page.getByRole('textbox', { name: 'Support phone' }), '2');
    await bert.user.press('ControlOrMeta+s');
    await waitUntilSaved(bert.page);
    expect(await now(SETTINGS)).toMatchObject({ supportEmail: 'new@example.com', supportPhone: '2' });
    expect(await bert.page.getByRole('textbox', { name: 'Support email' }).inputValue()).toBe('new@example.com');
    expect(await bert.page.getByRole('dialog').count()).toBe(0);
  });

  test.each(['en', 'nl'])(
    'changes of different fields in %s are merged, changes of the same field need a decision',
    async (locale) => {
      await stage.api.admin('PUT', `/content/${HOME}?locale=${locale}`, {
        data: { title: `As it was, ${locale}`, welcome: 'As it was' },
      });
      const { anna, bert } = await both(HOME, locale);
      // It is there, and nobody is told otherwise.
      for (const { page } of [anna, bert]) {
        expect(await page.getByRole('textbox', { name: 'Title' }).first().inputValue()).toBe(`As it was, ${locale}`);
        expect(await page.getByText(MISSING).count()).toBe(0);
      }
      await anna.user.write(anna.page.getByRole('textbox', { name: 'Title' }).first(), 'By Anna');
      await waitUntilSaved(anna.page);
      await bert.user.write(bert.page.getByRole('textbox', { name: 'Welcome' }), 'By Bert');
      await waitUntilSaved(bert.page);
      expect(await now(HOME, locale)).toMatchObject({ title: 'By Anna', welcome: 'By Bert' });

      await anna.context.setOffline(true);
      await anna.user.write(anna.page.getByRole('textbox', { name: 'Welcome' }), 'Welcome by Anna');
      await anna.page.locator('[data-save="offline"]').waitFor();
      await bert.user.write(bert.page.getByRole('textbox', { name: 'Welcome' }), 'Welcome by Bert');
      await bert.user.press('ControlOrMeta+s');
      await waitUntilSaved(bert.page);
      await anna.context.setOffline(false);
      const dialog = anna.page.getByRole('dialog', { name: 'You both changed this' });
      await dialog.waitFor();
      for (const side of ['Welcome by Anna', 'Welcome by Bert'])
        await dialog.getByText(side, { exact: true }).waitFor();
      expect(await now(HOME, locale)).toMatchObject({ welcome: 'Welcome by Bert' });
      await anna.user.use(dialog.getByRole('radio', { name: 'Yours' }));
      await anna.user.use(dialog.getByRole('button', { name: 'Save merged version' }));
      await dialog.waitFor({ state: 'detached' });
      await waitUntilSaved(anna.page);
      expect(await now(HOME, locale)).toMatchObject({ title: 'By Anna', welcome: 'Welcome by Anna' });
      await anna.page.reload();
      await anna.page.getByRole('textbox', { name: 'Welcome' }).waitFor();
      expect(await anna.page.getByText(MISSING).count()).toBe(0);
    },
  );

  test('changes by somebody else are shown before publishing', async () => {
    await stage.api.admin('PUT', `/content/${HOME}`, { data: { title: 'Ready', welcome: 'Ready' } });
    const { anna } = await both(HOME);
    await stage.api.admin('PUT', `/content/${HOME}`, { data: { welcome: 'Half a sentence that' } });
    await anna.user.use(anna.page.getByRole('button', { name: 'Publish', exact: true }));
    await anna.page.getByText('changed this entry in the meantime').waitFor();
    expect(await anna.page.getByRole('textbox', { name: 'Welcome' }).inputValue()).toBe('Half a sentence that');
    const home = await fetch(`${stage.server.base}/api/portal-home`, {
      headers: { Authorization: `Bearer ${TOKENS.apiTokens[0]?.token ?? ''}` },
    });
    expect(home.status).toBe(404);
    await anna.user.use(anna.page.getByRole('button', { name: 'Publish', exact: true }));
    await expect
      .poll(
        async () =>
          (
            await fetch(`${stage.server.base}/api/portal-home`, {
              headers: { Authorization: `Bearer ${TOKENS.apiTokens[0]?.token ?? ''}` },
            })
          ).status,
      )
      .toBe(200);
  });
});
