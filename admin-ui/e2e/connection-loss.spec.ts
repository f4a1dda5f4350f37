// @module-tag full
import { describe, expect, test } from 'vitest';
import { startStage, allViolations, withAdmin } from './harness';

describe('connection loss', () => {
  const stage = startStage({ settings: withAdmin() });

  test('a notice appears, text is kept, and editing continues when the server is back', async () => {
    const { page } = await stage.admin('/profile');
    await page.getByLabel('First name').fill('Typed while away');
    await stage.server.kill();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The server can’t be reached. What you type stays here').waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByRole('button', { name: 'Try now' }).waitFor();
    expect(await page.getByLabel('First name').inputValue()).toBe('Typed while away');
    await stage.server.launch();
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByRole('button', { name: 'Try now' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
  });
});
