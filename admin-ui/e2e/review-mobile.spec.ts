// @module-tag full
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, BERT, countInput, startStage, TOKENS, User, withAdmin } from './harness';

const UID = 'api::news.news';
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

describe('review on a phone', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(
      {
        ...TOKENS,
        adminRoles: { reviewer: { name: 'Reviewer', actions: [] } },
        workflows: {
          news: {
            contentTypes: [UID],
            stages: [{ name: 'writing' }, { name: 'ready' }],
            approvals: [{ role: 'reviewer', count: 1, before: 'ready' }],
          },
        },
      },
      [{ ...BERT, roles: ['reviewer', 'editor'] }],
    ),
  });
  let bert = 0;

  beforeAll(async () => {
    const people = await (await stage.api.as(ADMIN)).admin<{ id: number; email: string }[]>('GET', '/users');
    bert = people.find(({ email }) => email === BERT.email)?.id ?? 0;
  });

  /** An entry that was changed and is Bert's to review; answers the link of the mail that tells him so. */
  async function asked(title: string): Promise<{ id: string; link: string }> {
    const id = await stage.api.write(UID, { title, slug: title.toLowerCase(), body: 'One two three', topic: 'people' });
    await stage.api.admin('PUT', `/content/${UID}/${id}`, { data: { body: 'One four three' } });
    const anna = await stage.api.as(ADMIN);
    await anna.admin('PUT', `/review/${UID}/${id}/assignees?locale=en`, { users: [bert] });
    let link = '';
    await expect
      .poll(async () => {
        for (const { id: mail } of await stage.api.admin<{ id: number }[]>('GET', `/mails?to=${BERT.email}`)) {
          const { text = '' } = await stage.api.admin<{ text?: string }>('GET', `/mails/${mail}`);
          link = /https?:\/\/\S*\/admin\/content\/\S+/.exec(text)?.[0] ?? '';
          if (link.includes(id)) return true;
        }
        return false;
      })
      .toBe(true);
    return { id, link: new URL(link).pathname + new URL(link).search };
  }

  test.each(['touch', 'keyboard'] as const)(
    'a reviewer opens the mailed link, compares, comments and approves, by %s',
    async (way) => {
      const { id, link } = await asked(`By ${way}`);
      const visitor = await stage.as(BERT, '/inbox', PHONE);
      const { page } = visitor;
      await page.goto(link);
      await page.getByRole('heading', { name: `By ${way}`, level: 1 }).waitFor();
      expect(await visitor.scrollsSideways()).toBe(false);
      const user = new User(page, way);
      const end = await countInput(page);

      await user.use(page.getByRole('tab', { name: 'Review', exact: true }));
      // What the tab opens is where the tab is: the page has not jumped away from it.
      await page.getByRole('button', { name: 'See changes' }).waitFor();
      expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0);
      await user.use(page.getByRole('button', { name: 'See changes' }));
      const dialog = page.getByRole('dialog', { name: 'Compare versions' });
      await dialog.locator('ins', { hasText: 'four' }).waitFor();
      expect(await visitor.scrollsSideways()).toBe(false);
      expect(await allViolations(page)).toEqual([]);
      if (way === 'touch') await user.use(dialog.getByRole('button', { name: 'Close' }).first());
      else await user.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await user.write(page.getByRole('textbox', { name: 'Note' }), 'Four it is.');
      await user.use(page.getByRole('button', { name: 'Approve as reviewer' }));
      // What is typed is text of the page too: what came of it is in the list.
      await page.getByRole('listitem').filter({ hasText: 'approved as reviewer' }).getByText('Four it is.').waitFor();
      expect(await visitor.scrollsSideways()).toBe(false);
      expect(await allViolations(page)).toEqual([]);

      const review = await stage.api.admin<{
        approvals: { comment: string; state: string }[];
        next: { stage: string; allowed: boolean }[];
      }>('GET', `/review/${UID}/${id}?locale=en`);
      expect(review.approvals).toMatchObject([{ comment: 'Four it is.', state: 'counts' }]);
      const input = await end();
      console.info(`a review by ${way}: ${input.clicks} taps, ${input.keys} keys`);
      if (way === 'touch') expect(input.clicks).toBeLessThanOrEqual(5);
    },
  );
});
