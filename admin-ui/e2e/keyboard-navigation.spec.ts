// @module-tag full
import { describe, expect, test } from 'vitest';
import { startStage, allViolations, withAdmin } from './harness';

describe('navigation by keyboard', () => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin() });

  test('the palette finds a page and opens it with the focus on the heading', async () => {
    const { page, ...visitor } = await stage.admin();
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'Search for a page, an entry or an action' });
    await field.waitFor();
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.type('two-factor');
    const option = page.getByRole('option', { name: 'Your profile' });
    await option.waitFor();
    expect(await option.getAttribute('aria-selected')).toBe('true');
    expect(await field.getAttribute('aria-activedescendant')).toBe(await option.getAttribute('id'));
    expect(await allViolations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your profile' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === 'Your profile');
    expect(visitor.troubles).toEqual([]);
  });

  test('arrow keys move through the list and wrap around; Escape closes only the palette', async () => {
    const visitor = await stage.admin();
    const { page } = visitor;
    await page.keyboard.press('Control+k');
    const current = page.locator('[role="option"][aria-selected="true"]');
    await current.first().waitFor();
    // What may be gone to comes in parts: an end is one only when all of it is there.
    await visitor.quiet();
    const first = await current.textContent();
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => current.textContent()).not.toBe(first);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => current.textContent()).toBe(first);
    await page.keyboard.type('<img src=x onerror=alert(1)>');
    await page.getByText('No results for “<img src=x onerror=alert(1)>”.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('combobox').waitFor({ state: 'hidden' });
    expect(new URL(page.url()).pathname).toMatch(/^\/admin\/?$/);
  });

  test('two-key shortcuts work, except while typing or when turned off', async () => {
    const visitor = await stage.admin('/profile');
    const { page } = visitor;
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Turn shortcuts off in your profile' }).click();
    await page.getByRole('heading', { name: 'Your profile' }).waitFor();

    await page.getByLabel('First name').fill('');
    await page.getByLabel('First name').pressSequentially('gs?');
    expect(await page.getByLabel('First name').inputValue()).toBe('gs?');

    await page.getByRole('switch', { name: 'Keyboard shortcuts' }).press('Space');
    await page.getByRole('heading', { name: 'Your profile' }).click();
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.keyboard.press('Control+k');
    await page.getByRole('switch', { name: 'Keyboard shortcuts' }).press('Space');
    await page.getByRole('heading', { name: 'Your profile' }).click();
    // This one is obeyed again; whatever those before had begun would be there as well.
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await visitor.quiet();
    expect(await page.locator('h1').textContent()).toBe('Your profile');
    expect(await page.getByRole('dialog').count()).toBe(1);
  });

  test('the palette makes an entry, changes the colours, finds the calendar and forgives a slip', async () => {
    const visitor = await stage.admin();
    const { page } = visitor;
    const look = async (words: string): Promise<string> => {
      const field = page.getByRole('combobox', { name: 'Search for a page, an entry or an action' });
      if (!(await field.isVisible())) await page.keyboard.press('Control+k');
      await field.fill(words);
      await visitor.quiet();
      return (await page.locator('[role="listbox"][aria-label="Results"] [aria-selected="true"]').textContent()) ?? '';
    };
    for (const [words, found] of [
      ['schedule', 'Calendar'],
      ['calndar', 'Calendar'],
      ['vehcle', 'Vehicle'],
      ['sign out', 'Sign out'],
      ['new news', 'New News'],
    ] as const) {
      await expect.poll(() => look(words), { message: words }).toContain(found);
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/content\/api::news\.news\/create/);
    const scheme = (): Promise<string | undefined> =>
      page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
    expect(await scheme()).toBe('light');
    await look('dark mode');
    await page.keyboard.press('Enter');
    await expect.poll(scheme).toBe('dark');
  });

  test('content types are one click away in the menu; they are filtered, pinned and folded by keyboard', async () => {
    const visitor = await stage.admin();
    const { page } = visitor;
    const menu = page.getByRole('navigation', { name: 'Main menu' });
    await menu.getByRole('link', { name: 'Vehicle' }).click();
    await page.getByRole('heading', { name: 'Vehicle', level: 1 }).waitFor();
    await menu.getByRole('link', { name: 'Document' }).click();
    await page.getByRole('heading', { name: 'Document', level: 1 }).waitFor();
    expect(await menu.locator('[aria-current="page"]').allTextContents()).toEqual(['Document']);

    // One stop, whatever the number of types.
    await menu.getByRole('searchbox', { name: 'Filter content types' }).focus();
    await page.keyboard.type('faq');
    await page.keyboard.press('ArrowDown');
    expect((await visitor.focused()).name).toBe('FAQ');
    await page.keyboard.press('Tab');
    expect((await visitor.focused()).name).toBe('Pin FAQ');
    await page.keyboard.press('Enter');
    await menu.getByRole('button', { name: 'Unpin FAQ' }).waitFor();
    expect((await visitor.focused()).name).toBe('Unpin FAQ');
    expect(await allViolations(page)).toEqual([]);

    const fold = menu.getByRole('button', { name: 'Content types' });
    await fold.press('Enter');
    await menu.getByRole('link', { name: 'Vehicle' }).waitFor({ state: 'detached' });
    await visitor.quiet();
    await page.reload();
    await fold.waitFor();
    expect(await fold.getAttribute('aria-expanded')).toBe('false');
    expect(await menu.getByRole('link', { name: 'Document' }).count()).toBe(1);
    await fold.press('Enter');
    expect(await menu.getByRole('list', { name: 'Pinned' }).getByRole('link').allTextContents()).toEqual(['FAQ']);
  });

  test('on a phone the types are in the drawer, which closes at the choice', async () => {
    const { page } = await stage.admin('/', { viewport: { width: 390, height: 844 } });
    await page.getByRole('button', { name: 'Open the menu' }).click();
    const menu = page.getByRole('navigation', { name: 'Main menu' });
    await menu.getByRole('link', { name: 'Vehicle' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await menu.getByRole('link', { name: 'Vehicle' }).click();
    await page.getByRole('heading', { name: 'Vehicle', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Open the menu' }).waitFor();
  });

  test('a link skips the navigation', async () => {
    const { page, focused } = await withFocus(stage.admin('/profile'));
    await page.reload();
    await page.getByRole('heading', { name: 'Your profile' }).waitFor();
    await page.keyboard.press('Tab');
    expect((await focused()).name).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect((await focused()).tag).toBe('main');
  });
});

async function withFocus(coming: ReturnType<ReturnType<typeof startStage>['admin']>) {
  const visitor = await coming;
  return { page: visitor.page, focused: () => visitor.focused() };
}
