// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN, startStage, allViolations, withAdmin } from './harness';

const EDITOR = { email: 'bob@example.com', password: 'correct horse battery staple' };

describe('project settings', () => {
  const stage = startStage({
    settings: withAdmin({
      adminUsers: [
        { ...ADMIN, roles: ['super-admin'] },
        { ...EDITOR, firstName: 'Bob', roles: ['editor'] },
      ],
    }),
    contentTypes: 'content-types',
  });

  test('an owner of content and the people to notify are set, and a removal is undone', async () => {
    const { page } = await stage.admin('/settings/owners');
    await page.getByRole('link', { name: 'New owner' }).click();
    await page.getByRole('button', { name: 'Add owner' }).click();
    await page.getByText('Choose a content type, a phase, or both.').waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.getByLabel('Phase', { exact: true }).fill('launch');
    await page.getByRole('combobox', { name: 'Person' }).click();
    await page.getByRole('option', { name: 'Bob' }).click();
    await page.getByRole('checkbox', { name: 'When it is late' }).check();
    await page.getByRole('button', { name: 'Add owner' }).click();
    await page.getByText('Choose who is notified.').waitFor();
    await page.getByRole('combobox', { name: 'Notify these people' }).click();
    await page.getByRole('option', { name: 'anna@example.com' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add owner' }).click();
    const said =
      'Everything in the phase “launch” belongs to Bob. When it is 3 days late, anna@example.com will be notified.';
    await page.getByRole('link', { name: said }).waitFor();
    await page.getByRole('button', { name: /^Remove: / }).click();
    await page.getByText('No content owners yet').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: said }).waitFor();
    await page.getByRole('tab', { name: 'Waiting too long' }).click();
    await page.getByText('Nothing is waiting too long').waitFor();
  });

  test('an editor can read the owners, but not change them', async () => {
    const bob = await stage.visitor();
    const { page } = bob;
    await page.goto('/admin/settings/owners');
    await bob.signIn(EDITOR.email, EDITOR.password);
    await page.getByText(/You can view this/).waitFor();
    expect(await page.getByRole('link', { name: 'New owner' }).count()).toBe(0);
    await page.getByText('Everything in the phase “launch” belongs to Bob.').waitFor();
  });

  test('registration is closed, and a wrong address is reported', async () => {
    const { page } = await stage.admin('/settings/sign-in');
    await page.getByRole('switch', { name: 'Anyone can register' }).click();
    await page.getByLabel('Choose a new password').fill('somewhere');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('One thing needs your attention').waitFor();
    await page.getByLabel('Choose a new password').fill('https://www.example.com/password');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const answer = await fetch(`${stage.server.base}/api/auth/local/register`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: 'eve', email: 'eve@example.com', password: 'correct horse battery' }),
    });
    expect(answer.status).toBe(400);
    expect(await allViolations(page)).toEqual([]);
  });

  test('the sender of mails is set', async () => {
    const { page } = await stage.admin('/settings/mail-sender');
    await page.getByLabel('Name').fill('The Gazette');
    await page.getByLabel('Address', { exact: true }).fill('nobody');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').first().waitFor();
    await page.getByLabel('Address', { exact: true }).fill('gazette@example.com');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByText('From: The Gazette <gazette@example.com>').waitFor();
  });

  test('mails of a site are held and released', async () => {
    const { page } = await stage.admin('/settings/mail-sender');
    const switched = page.getByRole('switch', { name: 'Hold mail' });
    await switched.click();
    await page.getByRole('button', { name: 'Save' }).click();
    const told = page.getByRole('alert').filter({ hasText: 'This site holds its mail' });
    await told.waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.goto('/admin/settings/mail');
    await told.waitFor();
    expect(await allViolations(page)).toEqual([]);
    await told.getByRole('link', { name: 'Release mail' }).click();
    await switched.click();
    await page.getByRole('button', { name: 'Save' }).click();
    await told.waitFor({ state: 'detached' });
  });

  test('the accent colour is set, its contrast is reported, and it applies immediately', async () => {
    const { page } = await stage.admin('/settings/appearance');
    await page.getByLabel('Accent colour').fill('#ffe066');
    await page.keyboard.press('Escape');
    await page.getByText(/White text on this colour: .* 4\.5 is needed\./).waitFor();
    await page.getByText(/a darker shade that keeps white text readable/).waitFor();
    expect(await allViolations(page)).toEqual([]);
    const button = page.getByRole('button', { name: 'Save' });
    const before = await button.evaluate((element) => getComputedStyle(element).backgroundColor);
    await button.click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.waitForFunction(
      (old) => getComputedStyle(document.querySelector('button[type="submit"]') as Element).backgroundColor !== old,
      before,
    );
    const visitor = await stage.visitor();
    await visitor.open('/');
    expect(await allViolations(visitor.page)).toEqual([]);
  });

  test('a setting is found by name on a phone, in Dutch, with a collapsed list', async () => {
    const visitor = await stage.admin('/settings', { locale: 'nl-NL', viewport: { width: 320, height: 740 } });
    const { page } = visitor;
    await page.getByRole('searchbox', { name: 'Zoek in de instellingen' }).fill('afzender');
    await page.getByRole('link', { name: /Afzender van mail/ }).click();
    await page.getByRole('heading', { name: 'Afzender van mail', level: 1 }).waitFor();
    const fold = page.getByRole('button', { name: 'Instellingen: Afzender van mail' });
    expect(await fold.getAttribute('aria-expanded')).toBe('false');
    await fold.click();
    await page.getByRole('navigation', { name: 'Instellingen' }).getByRole('link', { name: 'Uiterlijk' }).click();
    await page.getByRole('heading', { name: 'Uiterlijk', level: 1 }).waitFor();
    for (const path of [
      '/settings',
      '/settings/owners',
      '/settings/owners/new',
      '/settings/sign-in',
      '/settings/mail-sender',
      '/settings/appearance',
    ]) {
      await visitor.open(path);
      expect(await allViolations(page), path).toEqual([]);
      expect(await visitor.scrollsSideways(), path).toBe(false);
    }
  });
});
