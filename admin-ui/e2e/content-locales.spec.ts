// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN, ADMIN_TOKEN, startStage, allViolations, withAdmin } from './harness';

const UPDATE = 'api::update.update';
const PHASE = 'api::phase.phase';

describe('an entry in two languages', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin({
      locales: { default: 'en', available: ['en', 'nl'] },
      workflows: {
        questions: {
          contentTypes: ['api::faq.faq'],
          stages: [{ name: 'draft' }, { name: 'ready' }],
          approvals: [{ role: 'editor' }],
          publishIn: ['ready'],
        },
      },
    }),
  });

  async function api(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ documentId: string } & Record<string, unknown>> {
    const answer = await fetch(`${stage.server.base}/admin/api${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${ADMIN_TOKEN}`,
        'If-Match': '*',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { data: never }).data;
  }
  let made = 0;
  const write = (uid: string, data: object) =>
    api('POST', `/content/${uid}?locale=en`, { data: { slug: `entry-${(made += 1)}`, ...data } });
  const update = (title: string, more: object = {}) => write(UPDATE, { title, happenedOn: '2026-03-01', ...more });

  test('another language replaces texts only after a question, and Undo brings them back', async () => {
    const { documentId: id } = await update('The gate opens', { summary: 'At seven.' });
    await api('PUT', `/content/${UPDATE}/${id}?locale=nl`, { data: { title: 'De poort gaat open' } });
    const { page } = await stage.admin(`/content/${UPDATE}/${id}?locale=nl`);
    const title = page.getByRole('textbox', { name: 'Title' });
    const summary = page.getByLabel('Summary', { exact: true });
    await page.getByRole('button', { name: 'Translation tools' }).click();
    await page.getByRole('menuitem', { name: 'Replace all with English…' }).click();
    const asked = page.getByRole('dialog', { name: 'Replace Dutch with English?' });
    await asked.getByRole('listitem').filter({ hasText: 'Title' }).waitFor();
    expect(await asked.getByRole('listitem').count()).toBe(1);
    expect(await allViolations(page)).toEqual([]);
    await asked.getByRole('button', { name: 'Replace 1 field' }).click();
    await expect.poll(() => title.inputValue()).toBe('The gate opens');
    expect(await summary.inputValue()).toBe('At seven.');
    const told = page.getByRole('alert').filter({ hasText: 'Filled 2 fields from English' });
    await told.waitFor();
    expect(await allViolations(page)).toEqual([]);
    await told.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => title.inputValue()).toBe('De poort gaat open');
    expect(await summary.inputValue()).toBe('');
    await page.locator('[data-save="saved"]').waitFor();
    expect(await api('GET', `/content/${UPDATE}/${id}?locale=nl`)).toMatchObject({ title: 'De poort gaat open' });
  });

  test('usages are shown before deletion, and unpublished relations before publishing', async () => {
    const { documentId: phase } = await write(PHASE, { title: 'Painting', order: 1 });
    const { documentId: id } = await update('First coat', { phase });
    const visitor = await stage.admin(`/content/${PHASE}/${phase}?panel=usages`);
    await visitor.page.getByRole('complementary').getByRole('link', { name: 'First coat', exact: true }).waitFor();
    expect(await allViolations(visitor.page)).toEqual([]);
    await visitor.page.getByRole('button', { name: 'More actions' }).click();
    await visitor.page.getByRole('menuitem', { name: 'Delete…' }).click();
    const asked = visitor.page.getByRole('dialog', { name: 'Delete this entry?' });
    await asked.getByText('1 entry links to this one.').waitFor();
    await visitor.page.keyboard.press('Escape');
    await asked.waitFor({ state: 'detached' });

    await visitor.page.goto(`/admin/content/${UPDATE}/${id}`);
    await visitor.page.getByLabel('Title').first().waitFor();
    await visitor.page.keyboard.press('Control+Shift+P');
    const before = visitor.page.getByRole('dialog', { name: 'Before you publish' });
    await before.getByRole('link', { name: 'Painting' }).waitFor();
    expect(await allViolations(visitor.page)).toEqual([]);
    await before.getByRole('button', { name: 'Publish anyway' }).click();
    await visitor.page.getByText('Published', { exact: true }).first().waitFor();
    // One click tells what was written since.
    await visitor.page.getByLabel('Summary', { exact: true }).fill('Now with a summary.');
    await visitor.page.keyboard.press('Control+s');
    await visitor.page.getByRole('button', { name: 'What changed' }).click();
    await visitor.page
      .getByRole('dialog', { name: 'Changes since publishing' })
      .getByText('Now with a summary.')
      .waitFor();
  });

  test('missing approvals are shown before publishing, with a link to the review', async () => {
    const { documentId: id } = await write('api::faq.faq', {
      question: 'When?',
      answer: 'Soon.',
      category: 'order',
      order: 1,
    });
    const { page } = await stage.admin(`/content/api::faq.faq/${id}`);
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    const before = page.getByRole('dialog', { name: 'Before you publish' });
    await before.getByText('Approval by editor is missing.').waitFor();
    expect(await before.getByRole('button', { name: 'Publish anyway' }).count()).toBe(0);
    expect(await allViolations(page)).toEqual([]);
    await before.getByRole('button', { name: 'To the review' }).click();
    await before.waitFor({ state: 'detached' });
    await page.getByText('Needed before publishing').waitFor();
    await page.getByLabel('Assigned to').first().waitFor();
    expect(await allViolations(page)).toEqual([]);
  });

  test('a colleague is mentioned in a comment, and an entry is assigned with a due date', async () => {
    // No token makes people.
    const anna = await stage.api.as(ADMIN);
    await anna.admin('POST', '/users', {
      email: 'jose@example.com',
      firstName: 'José',
      lastName: 'Blom',
      roles: ['editor'],
    });
    const { documentId: id } = await update('To be read');
    const { page } = await stage.admin(`/content/${UPDATE}/${id}?panel=comments`);
    const comment = page.getByRole('textbox', { name: 'Comment on the entry' });
    await comment.fill('Please, ');
    await comment.press('End');
    await page.keyboard.type('@jos');
    await page.getByRole('option', { name: 'José Blom' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.keyboard.type('have a look.');
    expect(await comment.inputValue()).toBe('Please, @[jose@example.com] have a look.');
    await page.keyboard.press('Control+Enter');
    await page.getByText('@José Blom').waitFor();

    await page.getByRole('tab', { name: 'Review' }).click();
    await page.getByLabel('Assigned to').first().click();
    await page.getByRole('option', { name: 'José Blom' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Set a due date' }).click();
    await page.getByLabel('Due by').fill('2031-05-01T17:00');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    await page.getByText('Due 1 May 2031').waitFor();
    const review = (await api('GET', `/review/${UPDATE}/${id}?locale=en`)) as unknown as {
      assignees: { email: string }[];
      due: { localTime: string };
    };
    expect(review.assignees.map(({ email }) => email)).toEqual(['jose@example.com']);
    expect(review.due.localTime).toContain('2031-05-01T17:00');
  });
});
