// @module-tag full
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ADMIN, startStage, allViolations, withAdmin } from './harness';

type Credential = { credentialId: string } & Record<string, unknown>;

/** A device that keeps passkeys and says who holds it, in this window. Answers what it keeps, to be given to another window. */
async function device(page: Page, credentials: Credential[] = []): Promise<() => Promise<Credential[]>> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  for (const credential of credentials) {
    await session.send('WebAuthn.addCredential', { authenticatorId, credential: credential as never });
  }
  return async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials as never;
}

async function withPassword(page: Page): Promise<void> {
  await page.getByLabel('E-mail address').fill(ADMIN.email);
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.keyboard.press('Enter');
}

describe('sign-in with a passkey', () => {
  const stage = startStage({ settings: withAdmin() });
  // Browsers have no passkeys at an IP address.
  const at = (path: string): string =>
    new URL(`/admin${path}`, stage.server.base.replace('127.0.0.1', 'localhost')).href;
  let kept: Credential[] = [];

  test('is not offered if the browser does not support it', async () => {
    const { page } = await stage.admin('/profile');
    expect(await page.getByRole('region', { name: 'Passkeys' }).count()).toBe(0);
  });

  test('a passkey is registered and named', async () => {
    const { page } = await stage.visitor();
    await page.goto(at('/profile'));
    await withPassword(page);
    const section = page.getByRole('region', { name: 'Passkeys' });
    await section.waitFor();
    const keeps = await device(page);
    await section.getByLabel(/name/i).fill('My laptop');
    await page.keyboard.press('Enter');
    await section.getByText('My laptop').waitFor();
    expect(await allViolations(page)).toEqual([]);
    kept = await keeps();
    expect(kept).toHaveLength(1);
  });

  test('a passkey is enough to sign in; its response is valid once', async () => {
    const { page } = await stage.visitor();
    await device(page, kept);
    await page.goto(at('/profile'));
    const sent = page.waitForRequest((request) => request.url().endsWith('/login/passkey/finish'));
    await page.getByRole('button', { name: /passkey/i }).click();
    await page.getByRole('heading', { name: 'Your profile' }).waitFor();
    const body = (await sent).postData() ?? '';
    const again = await page.evaluate(async (text) => {
      const headers = { 'Content-Type': 'application/json' };
      return (await fetch('/admin/api/login/passkey/finish', { method: 'POST', body: text, headers })).status;
    }, body);
    expect(again).toBe(400);
  });

  test('a passkey of another installation is refused', async () => {
    const { page } = await stage.visitor();
    const made = await page.context().newPage();
    await made.goto(at('/'));
    const keeps = await device(made);
    // A key that this server has never seen.
    await made.evaluate(async () => {
      await navigator.credentials.create({
        publicKey: {
          challenge: crypto.getRandomValues(new Uint8Array(32)),
          rp: { name: 'x' },
          user: { id: crypto.getRandomValues(new Uint8Array(16)), name: 'x', displayName: 'x' },
          pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
          authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        },
      });
    });
    await device(page, await keeps());
    await page.goto(at('/profile'));
    await page.getByRole('button', { name: /passkey/i }).click();
    await page.getByRole('alert').first().waitFor();
    expect(await page.getByRole('heading', { name: 'Your profile' }).count()).toBe(0);
  });

  test('a removed passkey no longer works', async () => {
    const { page } = await stage.visitor();
    await page.goto(at('/profile'));
    await withPassword(page);
    const section = page.getByRole('region', { name: 'Passkeys' });
    await section.getByRole('button', { name: /My laptop/ }).click();
    await section.getByText('My laptop').waitFor({ state: 'detached' });
    const { page: later } = await stage.visitor();
    await device(later, kept);
    await later.goto(at('/profile'));
    await later.getByRole('button', { name: /passkey/i }).click();
    await later.getByRole('alert').first().waitFor();
  });
});
