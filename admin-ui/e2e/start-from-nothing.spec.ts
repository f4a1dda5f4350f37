import { describe, expect, test } from 'vitest';
import { Hands, stage, violationsForEverybody } from './harness';

describe.each(['mouse', 'keyboard'] as const)('from the first start to JSON in a browser, by %s', (way) => {
  const here = stage({});

  test('makes an account, a type and an entry, and reads it where a site would', async () => {
    const { page } = await here.visitor();
    const hands = new Hands(page, way);
    await page.goto('/admin');
    await page.getByRole('heading', { name: 'Welcome to Cairn' }).waitFor();
    // The first field waits for words; from field to field one goes by Tab, whatever one does otherwise.
    await hands.type('Anna');
    await hands.press('Tab');
    await hands.type('de Vries');
    await hands.press('Tab');
    await hands.type('anna@example.com');
    await hands.press('Tab');
    await hands.type('correct horse battery staple');
    await hands.use(page.locator('form button[type="submit"]'));

    await hands.use(page.getByRole('link', { name: 'Make a content type' }));
    await page.getByRole('textbox', { name: 'Display name' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.matches('[role="dialog"] input'));
    await hands.type('Recipe');
    await hands.use(page.getByRole('button', { name: 'Make it' }));
    await hands.use(page.getByRole('link', { name: 'Look at the plan' }));
    await hands.use(page.getByRole('button', { name: /^Apply/ }));
    await hands.use(page.getByRole('button', { name: 'Let visitors read Recipe' }));
    const address = (await page.getByRole('link', { name: '/api/recipes' }).getAttribute('href')) ?? '';
    expect(await violationsForEverybody(page)).toEqual([]);

    await hands.use(page.getByRole('link', { name: 'Write: Recipe' }));
    await hands.enter(page.getByRole('textbox', { name: 'Title' }));
    await hands.type('Pea soup');
    await hands.use(page.getByRole('button', { name: 'Make it from title' }));
    await hands.use(page.getByRole('button', { name: 'Publish', exact: true }));
    await expect
      .poll(async () => (await fetch(`${here.server.base}${address}`)).json(), { timeout: 10_000 })
      .toMatchObject({ data: [{ title: 'Pea soup' }] });
    await page.goto(address);
    await page.getByText('"Pea soup"').waitFor();
    console.info(`from the first start to JSON: ${hands.clicks} clicks, ${hands.keys} keys`);
    expect(hands.clicks).toBeLessThanOrEqual(12);
  });
});
