// @module-tag full
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, User, startStage, TOKENS, allViolations, withAdmin } from './harness';

const UID = 'api::news.news';
const LONG_AGO = {
  data: null,
  error: { status: 401, name: 'UnauthorizedError', message: 'too long ago', details: { code: 'step_up_required' } },
};

/** What the server says a quarter of an hour after somebody signed in; that it does is told by its own tests, whose clock can be moved. */
describe('sensitive actions require signing in again', () => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });

  beforeAll(async () => {
    await stage.api.write(UID, { title: 'Bees', slug: 'bees', topic: 'people' });
  });

  test.each(['mouse', 'keyboard'] as const)('a token is created after signing in again, by %s', async (way) => {
    const { page } = await stage.admin('/settings/api-tokens/new');
    let refusals = 2;
    await page.route('**/admin/api/api-tokens', async (route) => {
      if (route.request().method() !== 'POST' || refusals === 0) return route.fallback();
      refusals -= 1;
      return route.fulfill({ status: 401, json: LONG_AGO });
    });
    const user = new User(page, way);
    await user.write(page.getByLabel('Name'), `website by ${way}`);
    await user.use(page.getByRole('button', { name: 'Create token' }));
    const dialog = page.getByRole('dialog', { name: 'Confirm it’s you' });
    await dialog.waitFor();
    expect(await allViolations(page)).toEqual([]);
    // Whoever would rather not keeps what they typed.
    await user.use(dialog.getByRole('button', { name: 'Cancel' }));
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByLabel('Name').inputValue()).toBe(`website by ${way}`);
    await user.use(page.getByRole('button', { name: 'Create token' }));
    await user.write(dialog.getByLabel('Password', { exact: true }), 'not this one');
    await user.use(dialog.getByRole('button', { name: 'Sign in', exact: true }));
    await dialog.getByRole('alert').first().waitFor();
    await user.write(dialog.getByLabel('Password', { exact: true }), ADMIN.password);
    await user.use(dialog.getByRole('button', { name: 'Sign in', exact: true }));
    await page.getByText('Copy the token now').waitFor();
    await dialog.waitFor({ state: 'detached' });
  });

  test('another tab continues with the same session', async () => {
    const { page } = await stage.admin('/settings/api-tokens/new');
    const other = await page.context().newPage();
    await other.goto('/admin/settings/mail-sender');
    await other.getByLabel('Name').fill('The Gazette');
    let refused = false;
    await page.route('**/admin/api/api-tokens', async (route) => {
      if (route.request().method() !== 'POST' || refused) return route.fallback();
      refused = true;
      return route.fulfill({ status: 401, json: LONG_AGO });
    });
    await page.getByLabel('Name').fill('shop');
    await page.getByRole('button', { name: 'Create token' }).click();
    const dialog = page.getByRole('dialog', { name: 'Confirm it’s you' });
    await dialog.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Copy the token now').waitFor();
    await other.getByRole('button', { name: 'Save' }).click();
    await other.getByText('Saved', { exact: true }).waitFor();
  });

  test('a download starts after signing in again, and the page stays open', async () => {
    const { page } = await stage.admin(`/content/${UID}`);
    let refused = false;
    await page.route('**/admin/api/session/lately', async (route) => {
      if (refused) return route.fallback();
      refused = true;
      return route.fulfill({ status: 401, json: LONG_AGO });
    });
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByRole('link', { name: 'Download' }).click();
    const dialog = page.getByRole('dialog', { name: 'Confirm it’s you' });
    await dialog.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Sign in', exact: true }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/\.csv$/);
    await page.getByRole('grid').getByText('Bees').waitFor();
  });
});
