// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN, startStage, withAdmin } from './harness';

describe('profile', () => {
  const stage = startStage({ settings: withAdmin() });

  test('name and language apply immediately and after the next sign-in', async () => {
    const { page } = await stage.admin('/profile');
    await page.getByLabel('First name').fill('Sanne');
    await page.getByLabel('Last name').fill('<b>Verhoeven</b>');
    await page.getByRole('combobox', { name: 'Language' }).click();
    await page.getByRole('option', { name: 'Nederlands' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Je profiel' }).waitFor();
    await page.getByText('Opgeslagen', { exact: true }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('nl');
    // Text stays text.
    await page.getByRole('button', { name: /^Sanne <b>Verhoeven<\/b> ?, profiel, taal, uitloggen$/ }).waitFor();

    // An English browser, signed in: the profile's language.
    const other = await stage.admin('/profile');
    await other.page.getByRole('heading', { name: 'Je profiel' }).waitFor();
    await other.page.getByRole('combobox', { name: 'Taal' }).click();
    await other.page.getByRole('option', { name: 'English' }).click();
    await other.page.getByRole('button', { name: 'Opslaan' }).click();
    await other.page.getByRole('heading', { name: 'Your profile' }).waitFor();
  });

  test('colour scheme and density persist after a reload', async () => {
    const visitor = await stage.admin('/profile');
    const { page } = visitor;
    await page.getByText('Dark', { exact: true }).click();
    await page.getByText('Compact', { exact: true }).click();
    await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme === 'dark');
    await visitor.quiet();
    await page.reload();
    await page.getByRole('heading', { name: 'Your profile' }).waitFor();
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
    expect(await page.getByRole('radio', { name: 'Compact' }).isChecked()).toBe(true);
    await page.getByText('Comfortable', { exact: true }).click();
    await visitor.quiet();
  });

  test('another session is listed and can be ended', async () => {
    const mine = await stage.admin('/profile');
    const other = await stage.admin('/profile');
    await mine.page.reload();
    const end = mine.page.getByRole('button', { name: /^End the session of/ });
    await end.first().waitFor();
    const all = mine.page.getByRole('button', { name: /^End the \d+ other sessions/ });
    if (await all.count()) await all.click();
    else await end.first().click();
    await end.first().waitFor({ state: 'detached' });

    // What was typed in the other browser is still there when it is signed in again.
    await other.page.getByLabel('First name').fill('Not saved yet');
    await other.page.getByRole('button', { name: 'Save' }).click();
    const dialog = other.page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.waitFor();
    await dialog.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await other.page.getByText('Saved', { exact: true }).waitFor();
    expect(await other.page.getByLabel('First name').inputValue()).toBe('Not saved yet');
  });

  test('changing the password requires the current one', async () => {
    const { page } = await stage.admin('/profile');
    await page.getByLabel('Current password').fill('wrong');
    await page.getByLabel('New password').fill('another long password');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByRole('alert').first().waitFor();
    expect(await page.getByLabel('New password').inputValue()).toBe('another long password');
    await page.getByLabel('Current password').fill(ADMIN.password);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const other = await stage.visitor();
    await other.open('/profile');
    await other.signIn(ADMIN.email, 'another long password');
    await other.page.getByRole('heading', { name: 'Your profile' }).waitFor();
  });
});
