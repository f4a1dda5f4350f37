import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { TestApi } from './harness/api.ts';
import { connect, fillSignIn, signIn, visit } from './harness/browser.ts';
import { findMail } from './harness/mail-receiver.ts';
import { PASSWORD } from './harness/world.ts';

const site = inject('site');
const api = new TestApi(inject('cairn'));
let browser: Browser;

beforeAll(async () => {
  browser = await connect();
});

/** The link in the newest mail to an address; waits until there is one that leads to this page. */
async function findLink(email: string, path: string): Promise<string> {
  const mail = await findMail(inject('mails'), email, (text) => text.includes(`${path}?code=`));
  return /http:\/\/\S+\?code=[\w-]+/.exec(mail)?.[0] ?? '';
}

describe('signing in', () => {
  test('a page leads to the sign-in and back', async () => {
    const page = await visit(browser, site);
    await page.goto('/documents?page=1');
    await page.getByRole('heading', { name: 'Inloggen' }).waitFor();
    await fillSignIn(page, 'anna@example.com');
    await page.waitForURL(`${site}/documents?page=1`);
    const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'portal_session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    const seen = `${await page.content()}${cookie?.value}`;
    // The API's tokens are JWTs, whose first part always begins so.
    expect(seen).not.toMatch(/eyJ[\w-]+\./);
    expect(await page.evaluate(() => document.cookie)).toBe('');
  });

  test('wrong and missing values are named', async () => {
    const page = await visit(browser, site);
    await page.goto('/sign-in');
    await fillSignIn(page, 'anna', 'not the password');
    await page.getByRole('alert').getByText('Je inlognaam of wachtwoord klopt niet.').waitFor();
    expect(await page.locator('[name=identifier]').inputValue()).toBe('anna');
    expect(await page.title()).toBe('Fout: Inloggen – Portal');
    await fillSignIn(page, '', '');
    await page.getByRole('alert').getByRole('link', { name: 'Vul dit in.' }).first().click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('identifier');
  });

  test.each(['//example.com', '/\\example.com', 'https://example.com', '/%5cexample.com/..//example.com'])(
    'a link does not lead to another site: %s',
    async (next) => {
      const page = await visit(browser, site);
      await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
      await fillSignIn(page, 'anna');
      await page
        .getByRole('button', { name: 'Uitloggen' })
        .or(page.getByRole('link', { name: 'Naar het overzicht' }))
        .waitFor();
      expect(new URL(page.url()).origin).toBe(site);
    },
  );

  test('a copy of the cookie is of no use after signing out', async () => {
    const page = await signIn(browser, site, 'eva');
    const cookies = await page.context().cookies();
    await page.getByRole('button', { name: 'Uitloggen' }).click();
    await page.getByRole('heading', { name: 'Inloggen' }).waitFor();
    await page.context().addCookies(cookies);
    await page.goto('/');
    await page.getByRole('heading', { name: 'Inloggen' }).waitFor();
  });

  test('a form of another site, or without its token, is refused', async () => {
    const page = await signIn(browser, site, 'anna');
    const { request } = page.context();
    const token = (await page.locator('[name=token]').first().getAttribute('value')) ?? '';
    const send = async (form: Record<string, string>, headers: Record<string, string> = {}) =>
      (await request.post('/sign-out', { form, headers, maxRedirects: 0 })).status();
    expect(await send({})).toBe(403);
    expect(await send({ token: 'guessed' })).toBe(403);
    expect(await send({ token }, { 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
    expect(await send({ token }, { Origin: 'https://example.com' })).toBe(403);
    const other = await signIn(browser, site, 'bram');
    const foreign = (await other.locator('[name=token]').first().getAttribute('value')) ?? '';
    expect(await send({ token: foreign })).toBe(403);
    await page.goto('/');
    await page.getByRole('button', { name: 'Uitloggen' }).waitFor();
    expect(await send({ token })).toBe(303);
  });
});

describe('mailed links', () => {
  test('an invitation: choose a password, and be signed in; the link works once', async () => {
    await api.invite('nel@example.com');
    const link = await findLink('nel@example.com', '/invitation');
    const page = await visit(browser, site, { javaScriptEnabled: false });
    await page.goto(link);
    await page.locator('[name=password]').fill('short');
    await page.getByRole('button', { name: 'Wachtwoord kiezen en inloggen' }).click();
    await page.getByRole('alert').getByText('minstens 8 tekens').waitFor();
    await page.locator('[name=password]').fill('nels long password');
    await page.getByRole('button', { name: 'Wachtwoord kiezen en inloggen' }).click();
    await page.getByRole('heading', { name: 'Hier komt je auto' }).waitFor();
    await page.getByText('nel@example.com').waitFor();
    const later = await visit(browser, site);
    await later.goto(link);
    await later.getByText('Deze link werkt niet meer:').waitFor();
    expect(await later.locator('[name=password]').count()).toBe(0);
    await later.getByRole('link', { name: 'Nieuwe link sturen' }).click();
    await later.locator('[name=email]').fill('nobody@example.com');
    await later.getByRole('button', { name: 'Nieuwe link sturen' }).click();
    await later.getByRole('heading', { name: 'Kijk in je mail' }).waitFor();
  });

  test('a forgotten password', async () => {
    await api.createUser('rik', PASSWORD);
    const page = await visit(browser, site);
    await page.goto('/sign-in');
    await page.getByRole('link', { name: 'Wachtwoord vergeten?' }).click();
    await page.locator('[name=email]').fill('not an address');
    await page.getByRole('button', { name: 'Link sturen' }).click();
    await page.getByRole('alert').getByText('zoals naam@example.com').waitFor();
    await page.locator('[name=email]').fill('rik@example.com');
    await page.getByRole('button', { name: 'Link sturen' }).click();
    await page.getByRole('heading', { name: 'Kijk in je mail' }).waitFor();
    await page.goto(await findLink('rik@example.com', '/reset-password'));
    await page.locator('[name=password]').fill('riks new password');
    await page.getByRole('button', { name: 'Opslaan en inloggen' }).click();
    await page.getByRole('button', { name: 'Uitloggen' }).waitFor();
  });
});
