import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';
import { waitForValue } from './harness/patience';
import { installPlugin } from './harness/plugins';

const TICKET = 'plugin::desk.ticket';

describe('the help desk example, from the form to the answer', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });

  beforeAll(async () => {
    await installPlugin(await stage.admin('/plugins'), 'desk', 'examples/plugins');
  });

  test('a visitor is told what is missing, at its field, and thanked', async () => {
    const visitor = await stage.visitor();
    const { page } = visitor;
    await page.goto('/api/desk/intake?locale=en');
    await page.getByLabel('Your name').fill('Ann Peters');
    await page.getByLabel('Your e-mail address').fill('nowhere');
    await page.getByLabel('Subject').fill('The brakes squeak');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('This is not an e-mail address.').waitFor();
    await page.getByText('Enter your question.').waitFor();
    // Said without a new page.
    expect(new URL(page.url()).search).toBe('?locale=en');
    await visitor.picture('desk-form-problems');
    expect(await allViolations(page)).toEqual([]);
    await page.getByLabel('Your e-mail address').fill('ann@example.com');
    await page.getByLabel('Your question').fill('Only when it is cold.');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    await page.getByText('Your reference:').waitFor();
    expect(await allViolations(page)).toEqual([]);
  });

  test('a ticket that nobody answered is solved only with a reason', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/desk/pages/board');
    const { page } = visitor;
    const column = (name: string) => page.getByRole('region', { name });
    const card = column('New').getByRole('link', { name: 'The brakes squeak' });
    await card.waitFor();
    await visitor.picture('desk-board');
    expect(await allViolations(page)).toEqual([]);

    await card.dragTo(column('Solved'));
    const dialog = page.getByRole('dialog', { name: 'Move the ticket' });
    await dialog.getByText('Nobody has answered this ticket. Say why it is solved.').waitFor();
    await visitor.picture('desk-board-reason');
    expect(await allViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await card.waitFor();
  });

  test('two people at the board see each other’s moves', async () => {
    const [one, other] = [
      await stage.as(ADMIN, '/plugins/desk/pages/board'),
      await stage.as(ADMIN, '/plugins/desk/pages/board'),
    ];
    const cardIn = ({ page }: typeof one, column: string) =>
      page.getByRole('region', { name: column }).getByRole('link', { name: 'The brakes squeak' });
    await cardIn(one, 'New').waitFor();
    await cardIn(other, 'New').waitFor();
    await cardIn(one, 'New').dragTo(one.page.getByRole('region', { name: 'Open' }));
    await cardIn(one, 'Open').waitFor();
    await cardIn(other, 'Open').waitFor();
    // By keyboard, back again.
    await cardIn(other, 'Open').focus();
    await other.page.keyboard.press('Alt+ArrowLeft');
    await cardIn(other, 'New').waitFor();
    await cardIn(one, 'New').waitFor();
  });

  test('the conversation beside a ticket mails the answer', async () => {
    const [ticket] = await stage.api.admin<{ documentId: string }[]>('GET', `/content/${TICKET}`);
    const visitor = await stage.as(ADMIN, `/content/${TICKET}/${ticket?.documentId}`);
    const { page } = visitor;
    await page.getByText('Only when it is cold.').first().waitFor();
    await page.getByRole('button', { name: 'Answer', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Text').fill('Bring it by on Tuesday.');
    await dialog.getByRole('button', { name: 'Answer', exact: true }).click();
    await page.getByText('Bring it by on Tuesday.').first().waitFor();
    await waitForValue(async () => {
      const mails = await stage.api.admin<object[]>('GET', '/mails?to=ann@example.com');
      return mails[0];
    });
    const answered = await waitForValue(async () => {
      const { stage: place } = await stage.api.admin<{ stage: string }>(
        'GET',
        `/content/${TICKET}/${ticket?.documentId}`,
      );
      return place === 'waiting' ? place : undefined;
    });
    expect(answered).toBe('waiting');
    // From its top, where nothing covers a field.
    await visitor.open(`/content/${TICKET}/${ticket?.documentId}`);
    await page.getByText('Bring it by on Tuesday.').first().waitFor();
    await visitor.picture('desk-conversation');
    expect(await allViolations(page)).toEqual([]);
  });

  test('numbers and agents are shown in Dutch, on a tablet and on a phone', async () => {
    for (const [width, name] of [
      [820, 'tablet'],
      [390, 'phone'],
    ] as const) {
      const visitor = await stage.as(ADMIN, '/plugins/desk/pages/numbers', {
        locale: 'nl-NL',
        viewport: { width, height: 844 },
      });
      const { page } = visitor;
      await page.getByText('Niet opgelost').first().waitFor();
      await visitor.picture(`desk-numbers-${name}`);
      expect(await allViolations(page)).toEqual([]);
      await visitor.goOn('/plugins/desk/pages/board');
      // A phone shows one column at a time.
      await page.getByRole(name === 'phone' ? 'tabpanel' : 'region', { name: 'Nieuw' }).waitFor();
      await visitor.picture(`desk-board-${name}`);
      expect(await allViolations(page)).toEqual([]);
      await visitor.goOn('/plugins/desk/pages/agents');
      await page.getByText('Er zijn geen medewerkers').first().waitFor();
      await visitor.picture(`desk-agents-${name}`);
      expect(await allViolations(page)).toEqual([]);
    }
  });
});
