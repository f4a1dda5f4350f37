// @module-tag crm
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';
import { waitForValue } from './harness/patience';
import { installPlugin } from './harness/plugins';

const DEAL = 'plugin::crm.deal';

describe('the page of a deal, in place of its form', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });
  let deal: string;
  let contact: string;
  const guests = async () => (await stage.api.entry(DEAL, deal)).guests;

  beforeAll(async () => {
    await installPlugin(await stage.admin('/plugins'), 'crm', 'plugins');
    const [place] = await stage.api.admin<{ documentId: string; pipeline: { documentId: string } }[]>(
      'GET',
      '/content/plugin::crm.stage?filters[key]=kwalificatie&filters[pipeline][key]=bruiloften&populate=pipeline',
    );
    contact = await stage.api.write('plugin::crm.contact', { name: 'Sanne de Vries', email: 'sanne@example.nl' });
    deal = await stage.api.write(DEAL, {
      title: 'Wedding at the harbour',
      amount: 1512.5,
      currency: 'EUR',
      guests: 80,
      eventDate: '2027-06-12',
      contact,
      stage: place?.documentId,
      pipeline: place?.pipeline.documentId,
    });
  });

  test('opens from the list, leads to related documents, and back to where one came from', async () => {
    const visitor = await stage.as(ADMIN, `/content/${DEAL}`);
    const { page } = visitor;
    await page.getByRole('link', { name: 'Wedding at the harbour' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Wedding at the harbour' }).waitFor();
    // Stored codes and raw numbers are nowhere.
    await page.getByText('€1,512.50').first().waitFor();
    await page.getByText('12 Jun 2027').first().waitFor();
    await visitor.picture('deal-page');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Sanne de Vries' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Sanne de Vries' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/admin/content/plugin::crm.contact/${contact}`);
    await page.getByRole('link', { name: 'Back', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Wedding at the harbour' }).waitFor();
  });

  test('has all fields behind it, and the way back', async () => {
    const visitor = await stage.as(ADMIN, `/content/${DEAL}/${deal}`);
    const { page } = visitor;
    await page.getByRole('link', { name: 'All fields' }).click();
    await page.getByRole('textbox', { name: /^Title/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('form')).toBe('true');
    await page.getByRole('link', { name: 'Back to the page' }).click();
    await page.getByRole('textbox', { name: /^Title/ }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('');
  });

  test('fields are edited in place, by keyboard, and not lost unasked', async () => {
    const visitor = await stage.as(ADMIN, `/content/${DEAL}/${deal}`);
    const { page } = visitor;
    const edit = page.getByRole('button', { name: 'Edit: Event' });
    await edit.focus();
    await page.keyboard.press('Enter');
    const input = page.getByLabel('Guests');
    await input.fill('120');
    await visitor.picture('deal-page-edit');
    expect(await allViolations(page)).toEqual([]);
    await input.press('Escape');
    const question = page.getByRole('dialog', { name: 'Leave without saving?' });
    await question.getByText('Keep editing', { exact: true }).click();
    await page.getByRole('link', { name: 'All fields' }).click();
    await question.getByText('Keep editing', { exact: true }).click();
    await input.press('Enter');
    await input.waitFor({ state: 'detached' });
    await waitForValue(async () => ((await guests()) === 120 ? true : undefined));
    await page.getByText('120', { exact: true }).waitFor();
  });

  test('what somebody else saved meanwhile is said, and nothing is overwritten unasked', async () => {
    const visitor = await stage.as(ADMIN, `/content/${DEAL}/${deal}`);
    const { page } = visitor;
    await page.getByRole('button', { name: 'Edit: Event' }).click();
    const input = page.getByLabel('Guests');
    await input.fill('140');
    await stage.api.admin('PUT', `/content/${DEAL}/${deal}`, { data: { guests: 95 } }, { 'If-Match': '*' });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const note = page.getByRole('alert').filter({ hasText: 'Somebody changed this while you were typing' });
    await note.getByText('95').waitFor();
    await visitor.picture('deal-page-conflict');
    expect(await allViolations(page)).toEqual([]);
    expect(await guests()).toBe(95);
    await note.getByRole('button', { name: 'Save mine anyway' }).click();
    await waitForValue(async () => ((await guests()) === 140 ? true : undefined));
  });

  test('is in Dutch, on a desktop, a tablet and a phone', async () => {
    for (const [width, name] of [
      [1440, 'desktop'],
      [820, 'tablet'],
      [390, 'phone'],
    ] as const) {
      const visitor = await stage.as(ADMIN, `/content/${DEAL}/${deal}`, {
        locale: 'nl-NL',
        viewport: { width, height: 900 },
      });
      const { page } = visitor;
      await page.getByText('€ 1.512,50').first().waitFor();
      await page.getByRole('link', { name: 'Alle velden' }).waitFor();
      await page.getByText('Gasten', { exact: true }).waitFor();
      await visitor.picture(`deal-page-nl-${name}`);
      expect(await allViolations(page)).toEqual([]);
      await visitor.goOn('/plugins/crm/pages/board');
      const columns = page.getByRole(name === 'phone' ? 'tablist' : 'group', { name: 'Kolommen van het bord' });
      await columns.getByText('Kwalificatie').waitFor();
      if (name === 'phone') await columns.getByRole('tab', { name: /^Kwalificatie/ }).click();
      await page.getByRole('link', { name: 'Wedding at the harbour' }).waitFor();
      await visitor.picture(`deal-board-nl-${name}`);
      expect(await allViolations(page)).toEqual([]);
      await visitor.leave();
    }
  });

  test('says so once the deal is deleted', async () => {
    const visitor = await stage.as(ADMIN, `/content/${DEAL}/${deal}`);
    const { page } = visitor;
    await page.getByRole('heading', { level: 1, name: 'Wedding at the harbour' }).waitFor();
    await stage.api.admin('DELETE', `/content/${DEAL}/${deal}`);
    await visitor.open(`/content/${DEAL}/${deal}`);
    await page.getByRole('heading', { level: 1, name: 'This document no longer exists' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
  });
});
