// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN, BERT, User, startStage, TOKENS, allViolations, withAdmin } from './harness';

const UID = 'api::news.news';

describe.each(['mouse', 'keyboard'] as const)('missing permissions, by %s', (way) => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(
      {
        ...TOKENS,
        adminRoles: {
          reader: {
            name: 'News reader',
            actions: ['content-types.read'],
            permissions: { [UID]: ['find', 'findOne'] },
          },
        },
      },
      [{ ...BERT, roles: ['reader'] }],
    ),
  });

  test('a read-only entry names the missing permission and role, and links to an explanation for administrators', async () => {
    const id = await stage.api.write(UID, { title: 'Read me', slug: 'read-me', body: 'Body', topic: 'people' });
    const { page } = await stage.as(BERT, '/content');
    const user = new User(page, way);
    // Of all content types there is the one.
    await page.getByRole('main').getByRole('link', { name: /News/ }).waitFor();
    expect(
      await page
        .getByRole('main')
        .getByRole('link', { name: /Vehicle|Customer|FAQ/ })
        .count(),
    ).toBe(0);
    await user.use(page.getByRole('main').getByRole('link', { name: /News/ }));
    await page.getByRole('link', { name: 'Read me' }).waitFor();
    if (way === 'mouse') await user.use(page.getByRole('link', { name: 'Read me' }));
    else {
      // A list is one stop; arrows lead through it, and Enter opens.
      await user.reach(page.getByRole('grid', { name: 'News' }));
      await user.press('Enter');
    }
    await page.getByRole('heading', { name: 'Read me', level: 1 }).waitFor();
    const told = page.getByRole('alert').filter({ hasText: 'You can read this, but not change it' });
    await told.getByText('You need permission to change News.').waitFor();
    await told.getByText('Your role is News reader.').waitFor();
    expect(await page.getByRole('textbox', { name: 'Title' }).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Publish', exact: true }).count()).toBe(0);
    expect(await allViolations(page)).toEqual([]);
    const address = (await told.locator('code').textContent()) ?? '';
    expect(address).toContain(id);

    const anna = await stage.as(ADMIN, '/');
    await anna.page.goto(new URL(address).pathname + new URL(address).search);
    await anna.page.getByText('Not allowed', { exact: true }).waitFor();
    await anna.page.getByText('None of their roles allows it.').waitFor();
    expect(await allViolations(anna.page)).toEqual([]);
    await new User(anna.page, way).use(anna.page.getByRole('main').getByRole('link', { name: 'Editor', exact: true }));
    await anna.page.getByRole('heading', { name: 'Editor', level: 1 }).waitFor();
  });

  test('a page names the missing permission in the same way', async () => {
    const { page } = await stage.as(BERT, '/');
    expect(await page.getByRole('link', { name: 'Content types' }).count()).toBe(0);
    await page.goto('/admin/settings/mail');
    await page.getByText('settings.mail', { exact: true }).waitFor();
    await page.getByText('Your role is News reader.').waitFor();
    const address = (await page.locator('main code').last().textContent()) ?? '';
    expect(await allViolations(page)).toEqual([]);
    const anna = await stage.as(ADMIN, '/');
    await anna.page.goto(new URL(address).pathname + new URL(address).search);
    await anna.page.getByText('Not allowed', { exact: true }).waitFor();
  });
});
