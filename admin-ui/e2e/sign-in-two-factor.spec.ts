import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ADMIN, startStage, allViolations, withAdmin } from './harness';

/** What an authenticator app shows (RFC 6238), so many steps from now. */
function code(secret: string, steps = 0): string {
  const bits = [...secret.replaceAll(/[\s=]/g, '').toUpperCase()]
    .map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const at = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(at) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0');
}

describe('sign-in with two factors', () => {
  const stage = startStage({ settings: withAdmin() });
  let secret = '';
  let recovery: string[] = [];

  test('setup with an app shows recovery codes', async () => {
    const { page } = await stage.admin('/profile');
    const section = page.getByRole('region', { name: 'Two-step sign-in' });
    await section.getByLabel(/^Your password/).fill(ADMIN.password);
    await section.getByRole('button', { name: 'Set up' }).click();
    await section.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
    secret = (await section.locator('code').first().textContent()) ?? '';
    expect(await allViolations(page)).toEqual([]);

    await section.getByLabel('Code from the app').fill('000000');
    await section.getByRole('button', { name: 'Turn on' }).click();
    await section.getByRole('alert').first().waitFor();
    await section.getByLabel('Code from the app').fill(code(secret));
    await section.getByRole('button', { name: 'Turn on' }).click();
    await section.getByText('Save these recovery codes').waitFor();
    recovery = await section.getByRole('listitem').allTextContents();
    expect(recovery.length).toBeGreaterThanOrEqual(8);
    expect(new Set(recovery).size).toBe(recovery.length);
    await section.getByRole('button', { name: 'I’ve saved them' }).click();
    await section.getByText('On: you enter a code').waitFor();
  });

  test('the code is required after the password; a wrong code is refused', async () => {
    const { page, ...visitor } = await stage.visitor();
    await page.goto('/admin/profile');
    await page.getByLabel('E-mail address').fill(ADMIN.email);
    await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    await page.keyboard.press('Enter');
    const field = page.getByLabel('Code', { exact: true });
    await field.waitFor();
    expect(await allViolations(page)).toEqual([]);
    await field.fill('000000');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Sign-in failed').waitFor();
    // The one that was just used may be refused; the next step's counts already.
    await field.fill(code(secret, 1));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your profile' }).waitFor();
    expect(visitor.troubles).toEqual([]);
  });

  test('a recovery code works once', async () => {
    const used = recovery[0] ?? '';
    for (const works of [true, false]) {
      const { page } = await stage.visitor();
      await page.goto('/admin/profile');
      await page.getByLabel('E-mail address').fill(ADMIN.email);
      await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Use a recovery code' }).click();
      await page.getByLabel('Recovery code').fill(used);
      await page.keyboard.press('Enter');
      if (works) await page.getByRole('heading', { name: 'Your profile' }).waitFor();
      else await page.getByRole('alert').getByText('Sign-in failed').waitFor();
    }
  });
});
