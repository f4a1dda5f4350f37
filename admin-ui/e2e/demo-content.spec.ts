// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN, startStage, allViolations, withAdmin } from './harness';

const TOKEN = 'a'.repeat(40);
const EDITOR = { email: 'bob@example.com', password: 'correct horse battery staple' };

interface ArticleList {
  data: { slug: string; title: string; cover?: { alternativeText: string } | null }[];
  meta: { pagination: { total: number } };
}

describe('demo content for an empty project', () => {
  const stage = startStage({
    settings: withAdmin({
      adminUsers: [
        { ...ADMIN, roles: ['super-admin'] },
        { ...EDITOR, roles: ['editor'] },
      ],
      apiTokens: [{ name: 'site', type: 'full-access', token: TOKEN }],
    }),
  });
  const list = async (query: string): Promise<ArticleList> =>
    (await (
      await fetch(`${stage.server.base}/api/${query}`, { headers: { Authorization: `Bearer ${TOKEN}` } })
    ).json()) as ArticleList;

  test('starts from the first steps, survives a stop and a lost connection, and creates nothing twice', async () => {
    const { page } = await stage.admin('/');
    await page.getByRole('link', { name: 'Add demo content' }).click();
    await page.getByRole('heading', { name: 'Demo content' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add demo content' }).click();
    await page.getByText(/Uploading images|Writing categories/).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText(/^Stopped after/).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.reload();
    // The third article that is sent finds nobody at home.
    let articles = 0;
    await page.route(/\/content\/api(::|%3A%3A)article\.article/, (route) => {
      if (route.request().method() === 'POST') articles += 1;
      return articles === 3 && route.request().method() === 'POST' ? route.abort() : route.continue();
    });
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText(/Stopped\. Writing and publishing articles/).waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'The demo is ready' }).waitFor();
    expect(await allViolations(page)).toEqual([]);

    const drafts = await list('articles?status=draft&populate=cover&sort=slug');
    expect(drafts.meta.pagination.total).toBe(11);
    expect(drafts.data.find(({ slug }) => slug === 'the-last-keeper')?.cover?.alternativeText).toContain('lighthouse');
    expect((await list('articles')).meta.pagination.total).toBe(6);
    expect((await list('articles?locale=nl')).data.map(({ title }) => title)).toContain('De laatste wachter');
    expect((await list('authors')).meta.pagination.total).toBe(4);
    expect((await list('categories?locale=nl')).meta.pagination.total).toBe(4);

    await page.getByRole('link', { name: 'A release with 2 articles' }).click();
    await page.getByRole('heading', { name: 'Spring issue' }).waitFor();
    await page.getByText('Bees above the bakery').first().waitFor();
  });

  test('explains a missing permission, in Dutch and on a phone', async () => {
    const bob = await stage.visitor({ locale: 'nl-NL', viewport: { width: 320, height: 740 } });
    await bob.page.goto('/admin/demo');
    await bob.signIn(EDITOR.email, EDITOR.password);
    await bob.page.getByText('content-types.change').waitFor();
    expect(await bob.page.getByRole('button', { name: 'Demo-inhoud toevoegen' }).isDisabled()).toBe(true);
    expect(await allViolations(bob.page)).toEqual([]);
    expect(await bob.scrollsSideways()).toBe(false);
  });
});
