// @module-tag full
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startStage, violations, withAdmin } from './harness';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../core/seals/tests/openssl/${name}`, import.meta.url));

describe('keys for sealing PDFs', () => {
  const stage = startStage({ settings: withAdmin() });

  test('a key is imported, replaced and removed, and never shown', async () => {
    const { page } = await stage.admin('/settings/seals');
    await page.getByText('No profiles yet').waitFor();
    await page.getByRole('button', { name: 'Add a profile' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('contracts');
    await dialog.locator('input[type=file]').setInputFiles(fixture('modern.p12'));
    await dialog.getByLabel('Password', { exact: true }).fill('wrong');
    await dialog.getByRole('button', { name: 'Add a profile' }).click();
    await dialog.getByText('is incorrect for this file').waitFor();
    await dialog.getByLabel('Password', { exact: true }).fill('geheim');
    await dialog.getByRole('button', { name: 'Add a profile' }).click();
    await page.getByText('RSA 2048').waitFor();
    await page.getByText('O=Donkervoort, CN=Seals').first().waitFor();
    expect(await violations(page)).toEqual([]);

    await page.getByRole('button', { name: 'Replace the key of contracts' }).click();
    await dialog.getByText('PEM files').click();
    const files = dialog.locator('input[type=file]');
    await files.nth(0).setInputFiles(fixture('p384/certificate.pem'));
    await files.nth(1).setInputFiles(fixture('p384/key.pem'));
    await dialog.getByRole('button', { name: 'Replace', exact: true }).click();
    await page.getByText('ECDSA P-384').waitFor();
    const key = (await readFile(fixture('p384/key.pem'), 'utf8')).split('\n')[1] ?? '';
    expect(await page.content()).not.toContain(key);

    await page.getByRole('button', { name: 'Remove contracts' }).click();
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No profiles yet').waitFor();
  });
});
