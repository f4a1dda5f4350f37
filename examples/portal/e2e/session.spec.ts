import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { connect, fillSignIn, signIn } from './harness/browser.ts';

/** Sessions end after eight seconds here. */
const site = inject('hastySite');
const IDLE_MILLIS = 8_200;
let browser: Browser;

beforeAll(async () => {
  browser = await connect();
});

function wait(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

/** Fills in a rating, and sends it when the session is over. */
async function sendTooLate(page: Page): Promise<void> {
  await page.goto('/rate?step=ontwerp');
  await page.getByRole('radio', { name: '7', exact: true }).check();
  await page.getByLabel('Wat ging goed').fill('Een tekst waar ik lang over deed.');
  await wait(IDLE_MILLIS);
  await page.getByRole('button', { name: 'Beoordeling versturen' }).click();
  await page.getByText('wat je had ingevuld is bewaard').waitFor();
}

describe('a session that is idle', () => {
  test('ends, and a form that was open comes back as it was', async () => {
    const page = await signIn(browser, site, 'bram', { javaScriptEnabled: false });
    await sendTooLate(page);
    await fillSignIn(page, 'bram');
    await page.getByText('Wat je had ingevuld staat er nog').waitFor();
    expect(await page.getByRole('radio', { name: '7', exact: true }).isChecked()).toBe(true);
    expect(await page.getByLabel('Wat ging goed').inputValue()).toBe('Een tekst waar ik lang over deed.');
    await page.getByRole('button', { name: 'Beoordeling versturen' }).click();
    await page.getByText('Bedankt. Je beoordeling is verstuurd.').waitFor();
    await page.goto('/rate?step=ontwerp');
    expect(await page.getByText('Wat je had ingevuld staat er nog').count()).toBe(0);
  });

  test('gives what was typed to nobody else', async () => {
    const page = await signIn(browser, site, 'bram', { javaScriptEnabled: false });
    await sendTooLate(page);
    await fillSignIn(page, 'cora');
    await page.waitForURL(/\/rate/);
    expect(await page.getByText('Wat je had ingevuld staat er nog').count()).toBe(0);
    expect(await page.getByLabel('Wat ging goed').inputValue()).not.toContain('lang over deed');
    expect((await page.context().cookies()).some(({ name }) => name.startsWith('portal_draft'))).toBe(false);
  });

  test('warns before its end, and goes on at the press of a button', async () => {
    const page = await signIn(browser, site, 'cora');
    const dialog = page.getByRole('dialog', { name: 'Ben je er nog?' });
    await dialog.waitFor();
    await dialog.getByRole('button', { name: 'Ingelogd blijven' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await wait(1_500);
    await page.goto('/profile');
    await page.getByRole('heading', { level: 1, name: 'Profiel' }).waitFor();
    await page.getByText('Je bent uitgelogd.').waitFor({ timeout: 20_000 });
    await page.reload();
    await page.getByText('Je bent uitgelogd omdat je een tijdje niets hebt gedaan.').waitFor();
  });
});
