import { describe, expect, test } from 'vitest';
import { allViolations, countInput, startStage, User } from './harness';

describe.each(['mouse', 'keyboard'] as const)('from the first start to JSON in a browser, by %s', (way) => {
  const stage = startStage({});

  test('an account, a type and an entry are created, and the entry is read from the content API', async () => {
    const { page } = await stage.visitor();
    const user = new User(page, way);
    await page.goto('/admin');
    await page.getByRole('heading', { name: 'Welcome to Cairn' }).waitFor();
    const end = await countInput(page);
    // The first field waits for words; from field to field one goes by Tab, whatever one does otherwise.
    await user.type('Anna');
    await user.press('Tab');
    await user.type('de Vries');
    await user.press('Tab');
    await user.type('anna@example.com');
    await user.press('Tab');
    await user.type('correct horse battery staple');
    await user.use(page.locator('form button[type="submit"]'));

    await user.use(page.getByRole('link', { name: 'Create a content type' }));
    await page.getByRole('textbox', { name: 'Display name' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.matches('[role="dialog"] input'));
    await user.type('Recipe');
    await user.use(page.getByRole('button', { name: 'Create', exact: true }));
    await user.use(page.getByRole('link', { name: 'Review changes' }));
    await user.use(page.getByRole('button', { name: /^Apply/ }));
    await user.use(page.getByRole('button', { name: 'Let visitors read Recipe' }));
    const address = (await page.getByRole('link', { name: '/api/recipes' }).getAttribute('href')) ?? '';
    expect(await allViolations(page)).toEqual([]);

    await user.use(page.getByRole('link', { name: 'Write: Recipe' }));
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'title');
    await user.type('Pea soup');
    await user.use(page.getByRole('button', { name: 'Publish', exact: true }));
    await expect
      .poll(async () => (await fetch(`${stage.server.base}${address}`)).json())
      .toMatchObject({ data: [{ title: 'Pea soup', slug: 'pea-soup' }] });
    await page.goto(address);
    await page.getByText('"Pea soup"').waitFor();
    const input = await end();
    console.info(`from the first start to JSON: ${input.clicks} clicks, ${input.keys} keys`);
    expect(input.clicks).toBeLessThanOrEqual(way === 'mouse' ? 9 : 0);
  });
});
