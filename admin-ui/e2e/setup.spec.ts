import { describe, expect, test } from 'vitest';
import { startStage, allViolations } from './harness';

describe('first start', () => {
  const stage = startStage({});

  test('the first administrator is created by keyboard alone and signed in', async () => {
    const { page, ...anna } = await stage.visitor();
    await page.goto('/admin');
    await page.getByRole('heading', { name: 'Welcome to Cairn' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.keyboard.type('Anna');
    await page.keyboard.press('Tab');
    await page.keyboard.type('de Vries');
    await page.keyboard.press('Tab');
    await page.keyboard.type('anna@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type('short');
    await page.keyboard.press('Enter');
    // The form refuses it beside the field; nothing that was typed is gone.
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'password');
    expect(await page.locator('input[name="email"]').inputValue()).toBe('anna@example.com');
    await page.keyboard.type(' but now long enough');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Hello, Anna' }).waitFor();
    expect(await page.title()).toContain('Hello, Anna · ');
    expect(anna.troubles).toEqual([]);
  });

  test('signing in again requires the right password', async () => {
    const { page } = await stage.visitor();
    await page.goto('/admin/profile');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('E-mail address').fill('anna@example.com');
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('Sign-in failed').waitFor();
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('anna@example.com');
    await page.getByLabel('Password', { exact: true }).fill('short but now long enough');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    // The address that was asked for.
    await page.getByRole('heading', { name: 'Your profile' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/admin/profile');

    await page.getByRole('button', { name: /^Anna de Vries ?, profile/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto('/admin/profile');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('an invitation shows whom it is for, and asks for no name twice', async () => {
    const anna = await stage.api.as({ email: 'anna@example.com', password: 'short but now long enough' });
    const person = { email: 'bea@example.com', firstName: 'Bea', roles: ['editor'] };
    const { id } = await anna.admin<{ id: number }>('POST', '/users', person);
    // The mail of the invitation, with a link of its own, may be made only now: the copied link stays valid.
    const { url } = await anna.admin<{ url: string }>('POST', `/users/${id}/invitation-link`, {});
    const { pathname, search } = new URL(url);
    const { page } = await stage.visitor();
    await page.goto(`${pathname}${search}`);
    await page.getByLabel('First name').waitFor();
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('bea@example.com');
    expect(await page.getByLabel('First name').inputValue()).toBe('Bea');
    expect(await allViolations(page)).toEqual([]);
    await page.getByLabel('Last name').fill('Bakker');
    await page.getByLabel('Password', { exact: true }).fill('chosen by Bea herself');
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.getByRole('heading', { name: 'Hello, Bea' }).waitFor();
    // Once: then the page says what to do, and asks for nothing.
    const other = await stage.visitor();
    await other.page.goto(`${pathname}${search}`);
    await other.page.getByText('This link no longer works').waitFor();
    expect(await other.page.getByLabel('First name').count()).toBe(0);
  });

  test('setup is offered only once', async () => {
    const answer = await fetch(`${stage.server.base}/admin/api/setup`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'mallory@example.com', password: 'a long enough password' }),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });
});
