// @module-tag crm
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';
import { waitForValue } from './harness/patience';
import { installPlugin } from './harness/plugins';

const FORM = (server: string) => `<!doctype html><html lang="nl"><title>Mr. DJ</title>
  <form method="post" action="${server}/api/crm/intake/bruiloft">
    <input type="hidden" name="locale" value="nl">
    <label>Naam <input name="name"></label>
    <label>E-mailadres <input name="email"></label>
    <label>Trouwdatum <input name="eventDate" type="date"></label>
    <label>Pakket <select name="packageWish"><option value="gold">Gold</option></select></label>
    <button>Versturen</button>
  </form></html>`;

/** A day next year, as a date field wants it. */
const WEDDING = `${new Date().getFullYear() + 1}-06-12`;

describe('a wedding, from the form to a deal that is won', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });

  /** The path of the link in the customer's mail with a quote. */
  const quoteLink = () =>
    waitForValue(async () => {
      for (const { id } of await stage.api.admin<{ id: number }[]>('GET', '/mails?to=sanne@example.nl')) {
        const { text = '' } = await stage.api.admin<{ text?: string }>('GET', `/mails/${id}`);
        const link = /\/api\/crm\/offer\/[\w-]{43}/.exec(text);
        if (link) return link[0];
      }
      return undefined;
    });

  const quoteDrafted = () =>
    waitForValue(async () => {
      const [quote] = await stage.api.admin<object[]>('GET', '/content/plugin::crm.quote');
      return quote;
    });

  beforeAll(async () => {
    await installPlugin(await stage.admin('/plugins'), 'crm', 'plugins');
  });

  test('a visitor sends the form and is thanked, in their language', async () => {
    const { page } = await stage.visitor();
    await page.setContent(FORM(stage.server.base));
    await page.getByLabel('Naam').fill('Sanne de Vries');
    await page.getByLabel('E-mailadres').fill('sanne@example.nl');
    await page.getByLabel('Trouwdatum').fill(WEDDING);
    await page.getByRole('button', { name: 'Versturen' }).click();
    await page.getByRole('heading', { name: 'Bedankt' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
  });

  test.each([800, 900])('its pages are in sight below all content types: %i px high', async (height) => {
    const { page, context } = await stage.as(ADMIN, '/plugins/crm/pages/inbox', { viewport: { width: 1440, height } });
    const menu = page.getByRole('navigation', { name: 'Main menu' });
    await menu
      .getByRole('list', { name: 'Collection types' })
      .or(menu.getByRole('list', { name: 'Content types' }))
      .waitFor();
    const last = await menu.getByRole('link', { name: 'Numbers' }).boundingBox();
    const account = await menu.getByRole('button', { name: /profile, language/ }).boundingBox();
    expect((last?.y ?? height) + (last?.height ?? 0)).toBeLessThan(account?.y ?? 0);
    await context.close();
  });

  test('the lead is answered, qualified and stands on the board', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/crm/pages/inbox');
    const { page } = visitor;
    const lead = page.getByRole('row', { name: /Sanne de Vries/ });
    await lead.waitFor();
    // The time to answer runs, and what is stored is worded.
    await lead.getByText(/^1 hr( \d+ mins?)? left$/).waitFor();
    await lead.getByText('Running', { exact: true }).waitFor();
    await visitor.picture('crm-inbox');
    expect(await allViolations(page)).toEqual([]);

    await lead.getByRole('button', { name: /^Actions/ }).click();
    await page.getByRole('menuitem', { name: 'Record a call, e-mail or note' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Subject' }).fill('Talked about the evening');
    await visitor.picture('crm-record');
    await dialog.getByRole('button', { name: 'Record a call, e-mail or note' }).click();
    await page.getByText('Recorded').first().waitFor();
    await lead.waitFor({ state: 'detached' });

    await page.getByRole('tab', { name: 'Answered' }).click();
    await lead.getByRole('button', { name: /^Actions/ }).click();
    await page.getByRole('menuitem', { name: 'Qualify' }).click();
    await dialog.getByRole('button', { name: 'Qualify' }).click();
    await page.getByText('there is a deal now').first().waitFor();

    await visitor.goOn('/plugins/crm/pages/board');
    await page.getByText('Sanne de Vries').first().waitFor();
    await visitor.picture('crm-board');
    expect(await allViolations(page)).toEqual([]);
    await visitor.goOn('/plugins/crm/pages/dashboard');
    await page.getByText('Conversion').first().waitFor();
    await visitor.picture('crm-dashboard');
    expect(await allViolations(page)).toEqual([]);
  });

  test('the board follows others, keeps the order of its cards and asks why a deal goes back', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/crm/pages/board');
    const { page } = visitor;
    const column = (name: string) => page.getByRole('region', { name });
    const titles = () => column('Kwalificatie').getByRole('link').allTextContents();
    await column('Kwalificatie')
      .getByRole('link', { name: /Sanne de Vries/ })
      .waitFor();
    const [place] = await stage.api.admin<{ documentId: string; pipeline: { documentId: string } }[]>(
      'GET',
      '/content/plugin::crm.stage?filters[key]=kwalificatie&filters[pipeline][key]=bruiloften&populate=pipeline',
    );
    const deal = {
      title: 'Harbour party',
      amount: 500,
      stage: place?.documentId,
      pipeline: place?.pipeline.documentId,
    };
    const harbour = await stage.api.write('plugin::crm.deal', deal);
    // Nobody loads the page again.
    const card = page.getByRole('link', { name: 'Harbour party' });
    await card.waitFor();
    await column('Kwalificatie').getByText('€500.00').first().waitFor();
    expect((await titles())[0]).toBe('Harbour party');
    await card.focus();
    await page.keyboard.press('Alt+ArrowDown');
    await waitForValue(async () => (await titles()).at(-1) === 'Harbour party' || undefined);
    await page.reload();
    await card.waitFor();
    expect((await titles()).at(-1)).toBe('Harbour party');

    await card.dragTo(column('Nieuwe Lead'));
    const dialog = page.getByRole('dialog', { name: 'Move deal' });
    await dialog.getByText('Give a reason for moving the deal back.').waitFor();
    await visitor.picture('crm-board-reason');
    expect(await allViolations(page)).toEqual([]);
    await dialog.getByRole('textbox', { name: 'Reason for the move' }).fill('The date is not certain');
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await column('Nieuwe Lead').getByRole('link', { name: 'Harbour party' }).waitFor();
    await column('Nieuwe Lead').getByText('€500.00').first().waitFor();
    // What the stage requires is asked for, what nobody can fill in is said, and who thinks better of it leaves the card where it was.
    await card.dragTo(column('Aanbetaling'));
    await dialog.getByLabel('Date of the event').waitFor();
    await visitor.picture('crm-board-required');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await column('Nieuwe Lead').getByRole('link', { name: 'Harbour party' }).waitFor();
    await stage.api.admin('DELETE', `/content/plugin::crm.deal/${harbour}`);
    await card.waitFor({ state: 'detached' });
  });

  test('the deal is dragged to the offer, and its quote is sent', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/crm/pages/board');
    const { page } = visitor;
    const card = page.getByRole('link', { name: /Sanne de Vries/ });
    await card.dragTo(page.getByRole('region', { name: 'Offerte' }));
    await page
      .getByRole('region', { name: 'Offerte' })
      .getByRole('link', { name: /Sanne de Vries/ })
      .waitFor();

    await quoteDrafted();
    await visitor.goOn('/plugins/crm/pages/quotes');
    const quote = page.getByRole('row', { name: /Sanne de Vries/ });
    await quote.waitFor();
    await visitor.picture('crm-quotes');
    expect(await allViolations(page)).toEqual([]);
    await quote.getByRole('button', { name: /^Actions/ }).click();
    await page.getByRole('menuitem', { name: 'Open' }).click();
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByText('€1,512.50').first().waitFor();
    await visitor.picture('crm-quote-draft');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    // To whom it goes is said before it does.
    const dialog = page.getByRole('dialog');
    await dialog.getByText('to Sanne de Vries, sanne@example.nl?').waitFor();
    await visitor.picture('crm-quote-send');
    expect(await allViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('The quote is being sent').first().waitFor();
    await quoteLink();
  });

  test('the customer reads and accepts the quote', async () => {
    const visitor = await stage.visitor();
    const { page } = visitor;
    await page.goto(await quoteLink());
    await page.getByRole('heading', { name: /^Offerte \d{4}-0001/ }).waitFor();
    await page.getByText('€ 1.512,50').first().waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.getByLabel('Je naam').fill('Sanne de Vries');
    await page.getByRole('button', { name: 'Accepteren' }).click();
    await page.getByText('Geaccepteerd door Sanne de Vries').waitFor();
    await visitor.picture('crm-quote-accepted');
    expect(await allViolations(page)).toEqual([]);
  });

  test('the deposit is booked, and the deal is won', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/crm/pages/quotes?tab=unpaid');
    const { page } = visitor;
    await page.getByRole('tab', { name: 'Deposit to come' }).click();
    await page
      .getByRole('row', { name: /Sanne de Vries/ })
      .getByRole('button', { name: /^Actions/ })
      .click();
    await page.getByRole('menuitem', { name: 'Book deposit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Amount received' }).fill('378,13');
    await visitor.picture('crm-deposit');
    await dialog.getByRole('button', { name: 'Book deposit' }).click();
    // Nothing is booked before it was seen how the amount was understood.
    await page.getByText('You are about to book €378.13').waitFor();
    await visitor.picture('crm-deposit-review');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Book €378.13' }).click();
    await page.getByText('Deposit booked').first().waitFor();
    await page.getByRole('button', { name: /^Reverse €378.13/ }).waitFor();

    await visitor.goOn('/plugins/crm/pages/board');
    await page
      .getByRole('region', { name: 'Project Gereed' })
      .getByRole('link', { name: /Sanne de Vries/ })
      .waitFor();
    await visitor.goOn('/plugins/crm/pages/dashboard');
    await page.getByText('100.0%').first().waitFor();
    await visitor.picture('crm-dashboard-won');
    expect(await allViolations(page)).toEqual([]);
  });
});
