// @module-tag crm
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';
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

describe('a wedding, from the form to a deal on the board', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });

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

  test('the lead is answered, qualified and stands on the board', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/crm/pages/inbox');
    const { page } = visitor;
    const lead = page.getByRole('row', { name: /Sanne de Vries/ });
    await lead.waitFor();
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
});
