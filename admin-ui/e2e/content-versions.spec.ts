// @module-tag full
// @module-tag postgresql
import { describe, expect, test } from 'vitest';
import { ADMIN, User, startStage, TOKENS, allViolations, withAdmin } from './harness';

const UID = 'api::news.news';

describe.each(['mouse', 'keyboard'] as const)('versions of an entry, by %s', (way) => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });

  test('versions are compared; one field is restored, then the whole entry', async () => {
    const id = await stage.api.write(UID, {
      title: 'First title',
      slug: 'restored',
      summary: 'First summary',
      body: 'One two three',
      topic: 'people',
    });
    await stage.api.admin('PUT', `/content/${UID}/${id}`, {
      data: { title: 'Second title', summary: 'Second summary', body: 'One four three' },
    });
    const { page } = await stage.as(ADMIN, `/content/${UID}/${id}`);
    const user = new User(page, way);
    const field = (name: string) => page.getByRole('textbox', { name }).inputValue();
    const oldest = page.getByRole('list', { name: 'History' }).getByRole('listitem').filter({ hasText: 'created' });
    const dialog = page.getByRole('dialog', { name: 'Compare versions' });

    await user.use(page.getByRole('tab', { name: 'History' }));
    await user.use(oldest.getByRole('button', { name: 'Compare with now' }));
    await dialog
      .getByText('First title')
      .or(dialog.locator('del', { hasText: 'First' }))
      .first()
      .waitFor();
    await dialog.locator('del', { hasText: 'two' }).waitFor();
    await dialog.locator('ins', { hasText: 'four' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await user.use(dialog.getByRole('checkbox', { name: 'Title' }));
    await user.use(dialog.getByRole('button', { name: 'Restore 1 field' }));
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => field('Title')).toBe('First title');
    expect(await field('Summary')).toBe('Second summary');
    expect(await stage.api.entry(UID, id)).toMatchObject({
      title: 'First title',
      summary: 'Second summary',
      body: 'One four three',
    });

    // The toast with the way back lies over the list: by keyboard it is closed from where one is, by mouse it goes by itself.
    const told = page.getByRole('alert').filter({ hasText: 'Undo' });
    await told.waitFor();
    if (way === 'keyboard') {
      await user.press('F8');
      await user.reach(told.getByRole('button', { name: 'Undo' }));
      await user.press('Escape');
    }
    await told.waitFor({ state: 'detached' });
    // The list has one more line above it, which may have moved what has the focus out of the window.
    await user.press('Shift+Tab');
    await user.use(oldest.getByRole('button', { name: 'Compare with now' }));
    await user.use(dialog.getByRole('button', { name: 'Restore the older version' }));
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => field('Summary')).toBe('First summary');
    expect(await stage.api.entry(UID, id)).toMatchObject({
      title: 'First title',
      summary: 'First summary',
      body: 'One two three',
    });
    // Restoring is a step of the history itself: what was there before it is not lost.
    const history = await stage.api.admin<{ action: string }[]>(
      'GET',
      `/history?type=${UID}&documentId=${id}&locale=en`,
    );
    expect(history.filter(({ action }) => action === 'restored')).toHaveLength(2);
    expect(history).toHaveLength(4);
  });

  test('the comparison shows added and removed relations', async () => {
    const one = (title: string, more: object = {}) =>
      stage.api.write(UID, { title, slug: title.toLowerCase(), body: 'Body', topic: 'people', ...more });
    const [came, went] = [await one('Comer'), await one('Goner')];
    const id = await one('Linked', { related: [went] });
    await stage.api.admin('PUT', `/content/${UID}/${id}`, { data: { related: [came] } });
    const { page } = await stage.as(ADMIN, `/content/${UID}/${id}?panel=history`);
    await new User(page, way).use(
      page
        .getByRole('list', { name: 'History' })
        .getByRole('listitem')
        .last()
        .getByRole('button', { name: 'Compare with now' }),
    );
    const dialog = page.getByRole('dialog', { name: 'Compare versions' });
    await dialog.locator('del', { hasText: 'Goner' }).waitFor();
    await dialog.locator('ins', { hasText: 'Comer' }).waitFor();
  });

  test('any two versions can be compared', async () => {
    const id = await stage.api.write(UID, { title: 'One', slug: 'any-two', body: 'Body', topic: 'people' });
    for (const title of ['Two', 'Three']) await stage.api.admin('PUT', `/content/${UID}/${id}`, { data: { title } });
    const { page } = await stage.as(ADMIN, `/content/${UID}/${id}?panel=history`);
    const user = new User(page, way);
    const lines = page.getByRole('list', { name: 'History' }).getByRole('listitem');
    await user.use(lines.nth(2).getByRole('button', { name: 'Compare with…' }));
    await user.use(lines.nth(1).getByRole('button', { name: 'With this one' }));
    const dialog = page.getByRole('dialog', { name: 'Compare versions' });
    await dialog.getByText('Two').first().waitFor();
    expect(await dialog.getByText('Three').count()).toBe(0);
    await user.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  test('discarding changes asks first, and can be undone', async () => {
    const id = await stage.api.write(UID, { title: 'Kept', slug: 'discarded', body: 'Public', topic: 'people' });
    await stage.api.admin('POST', `/content/${UID}/${id}/actions/publish`, {});
    await stage.api.admin('PUT', `/content/${UID}/${id}`, { data: { body: 'Draft' } });
    const { page } = await stage.as(ADMIN, `/content/${UID}/${id}`);
    const user = new User(page, way);
    const body = page.getByRole('textbox', { name: 'Body' });
    await expect.poll(() => body.inputValue()).toBe('Draft');
    await user.use(page.getByRole('button', { name: 'Publishing options' }));
    await user.use(page.getByRole('menuitem', { name: 'Discard changes…' }));
    const asked = page.getByRole('dialog', { name: 'Discard changes?' });
    await asked.waitFor();
    expect(await allViolations(page)).toEqual([]);
    await user.use(asked.getByRole('button', { name: 'Discard changes' }));
    await expect.poll(() => body.inputValue()).toBe('Public');
    const told = page.getByRole('alert').filter({ hasText: 'Changes discarded' });
    await user.use(told.getByRole('button', { name: 'Undo' }));
    await expect.poll(() => body.inputValue()).toBe('Draft');
    await expect.poll(async () => (await stage.api.entry(UID, id)).body).toBe('Draft');
  });

  test('a deleted entry is named, and Undo restores it as it was published', async () => {
    const id = await stage.api.write(UID, { title: 'Not for long', slug: 'gone', body: 'Public', topic: 'people' });
    await stage.api.admin('POST', `/content/${UID}/${id}/actions/publish`, {});
    const { page } = await stage.as(ADMIN, `/content/${UID}/${id}`);
    const user = new User(page, way);
    await user.use(page.getByRole('button', { name: 'More actions' }));
    await user.use(page.getByRole('menuitem', { name: 'Delete…' }));
    await user.use(page.getByRole('dialog').getByRole('button', { name: /^Delete$|^All languages$/ }));
    const told = page.getByRole('alert').filter({ hasText: '“Not for long” deleted' });
    await told.waitFor();
    await page.getByRole('heading', { name: 'News', level: 1 }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await user.use(told.getByRole('button', { name: 'Undo' }));
    await page.getByRole('alert').filter({ hasText: 'Restored' }).waitFor();
    await page.getByRole('link', { name: 'Not for long' }).waitFor();
    expect((await stage.api.ask<{ title: string }>('GET', `/api/news-items/${id}`)).data.title).toBe('Not for long');
  });
});
