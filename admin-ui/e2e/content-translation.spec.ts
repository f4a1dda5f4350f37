// @module-tag full
import { join } from 'node:path';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { allViolations, startStage, TOKENS, violationsInBothSchemes, withAdmin } from './harness';
import { installPlugin } from './harness/plugins';

const UPDATE = 'api::update.update';

const dutch = (page: Page, label: string): Locator =>
  page.getByRole('textbox', { name: `${label} in Dutch`, exact: true });
const toast = (page: Page, text: string): Locator => page.getByRole('alert').filter({ hasText: text });

describe('the glossary and machine translation', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin({
      ...TOKENS,
      locales: { default: 'en', available: ['en', 'nl'] },
      glossary: {
        delivery: { words: { en: 'delivery', nl: 'aflevering' }, note: 'Of a vehicle' },
        cairn: { words: { en: 'Cairn' }, translate: false },
      },
    }),
  });
  let made = 0;

  async function begin(en: object, nl: object = {}) {
    made += 1;
    const id = await stage.api.write(UPDATE, { slug: `words-${made}`, happenedOn: '2026-03-01', ...en }, 'en');
    await stage.api.admin('PUT', `/content/${UPDATE}/${id}?locale=nl`, { data: nl });
    const visitor = await stage.admin(`/content/${UPDATE}/${id}?locale=en&beside=nl`);
    await visitor.page.getByRole('region', { name: 'English and Dutch side by side' }).waitFor();
    return {
      page: visitor.page,
      visitor,
      read: (locale: 'en' | 'nl') => stage.api.entry(UPDATE, id, `?locale=${locale}`),
    };
  }

  test('a team keeps its terms: added, edited, found, removed with a way back, read from a table', async () => {
    const visitor = await stage.admin('/settings/glossary');
    const { page } = visitor;
    await page.getByText('2 terms').waitFor();
    await page.getByRole('button', { name: 'Add term' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add term' });
    await dialog.getByRole('button', { name: 'Add term' }).click();
    await dialog.getByText('Enter a word in at least one language.').waitFor();
    expect(await allViolations(page)).toEqual([]);
    await dialog.getByLabel('English').fill('invoice');
    await dialog.getByLabel('Dutch').fill('factuur');
    await visitor.picture('glossary-term');
    await dialog.getByRole('button', { name: 'Add term' }).click();
    await page.getByRole('cell', { name: 'factuur' }).waitFor();
    await page.getByRole('button', { name: 'Edit invoice' }).click();
    await page.getByRole('dialog', { name: 'Edit term' }).getByLabel('Dutch').fill('rekening');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: 'rekening' }).waitFor();
    await page.getByRole('textbox', { name: 'Search the glossary' }).fill('reken');
    await page.getByText('1 term', { exact: true }).waitFor();
    await page.getByRole('textbox', { name: 'Search the glossary' }).fill('');
    await page.getByRole('button', { name: 'Remove invoice' }).click();
    await page.getByRole('cell', { name: 'rekening' }).waitFor({ state: 'detached' });
    await toast(page, 'invoice removed from the glossary').getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('cell', { name: 'rekening' }).waitFor();
    expect(await violationsInBothSchemes(page)).toEqual([]);
    await visitor.picture('glossary');
    const folder = mkdtempSync(join(tmpdir(), 'cairn-e2e-glossary-'));
    writeFileSync(join(folder, 'terms.csv'), 'en;nl\r\nquote;offerte\r\ninvoice;factuur\r\n;\r\n');
    await page.locator('input[type=file]').setInputFiles(join(folder, 'terms.csv'));
    await toast(page, '1 term added. 1 changed.').waitFor();
    await page.getByRole('cell', { name: 'offerte' }).waitFor();
    writeFileSync(join(folder, 'others.csv'), 'term,vertaling\na,b\n');
    await page.locator('input[type=file]').setInputFiles(join(folder, 'others.csv'));
    await page.getByText('This file has no column with a language of this site.').waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await visitor.scrollsSideways()).toBe(false);
    await visitor.picture('glossary-phone');
  });

  test('side by side, fields list the terms of the text, and say which words the translation lacks', async () => {
    const { page, visitor } = await begin(
      { title: 'The delivery by Cairn', summary: 'Nothing of it.' },
      { title: 'De levering door Cairn' },
    );
    const terms = page.getByRole('list', { name: 'Glossary terms in Title' });
    await terms.getByText('“delivery” is “aflevering” in the glossary.').waitFor();
    await terms.getByText('Cairn (don’t translate)').waitFor();
    expect(await page.getByRole('list', { name: 'Glossary terms in Summary' }).count()).toBe(0);
    expect(await violationsInBothSchemes(page)).toEqual([]);
    await visitor.picture('glossary-hints');
    await dutch(page, 'Title').fill('De aflevering door Cairn');
    await terms.getByText('delivery → aflevering').waitFor();
    expect(await terms.locator('[data-glossary="missing"]').count()).toBe(0);
    // Nothing is offered to be translated without a plugin.
    expect(await page.getByRole('button', { name: /^Translate/ }).count()).toBe(0);
  });

  test('fields are translated by a plugin, marked until they are edited, and nothing is replaced without a question', async () => {
    await installPlugin(await stage.admin('/plugins'), 'translator', 'plugins/guests');
    const body = [
      {
        type: 'paragraph',
        children: [
          { type: 'text', text: 'The ' },
          { type: 'text', text: 'delivery', bold: true },
        ],
      },
    ];
    const { page, visitor, read } = await begin(
      { title: 'The delivery', summary: 'From Monday on.', body },
      { title: 'Eigen tekst' },
    );
    await page.getByRole('button', { name: 'Translate empty Dutch fields' }).click();
    const told = toast(page, 'Translated 2 fields to Dutch');
    await told.waitFor();
    expect(await dutch(page, 'Summary').inputValue()).toBe('[en>nl] From Monday on.');
    expect(await dutch(page, 'Title').inputValue()).toBe('Eigen tekst');
    expect(await page.locator('[data-machine-translated]').count()).toBe(2);
    expect(await violationsInBothSchemes(page)).toEqual([]);
    await visitor.picture('machine-translation');
    // Blocks keep what they are made of; the word of the glossary goes with them.
    await expect
      .poll(async () => (await read('nl')).body)
      .toEqual([
        {
          type: 'paragraph',
          children: [
            { type: 'text', text: '[en>nl] The ' },
            { type: 'text', text: '[en>nl] aflevering', bold: true },
          ],
        },
      ]);
    await dutch(page, 'Summary').fill('Vanaf maandag.');
    await expect.poll(() => page.locator('[data-machine-translated]').count()).toBe(1);
    await page.getByRole('button', { name: 'Translate Title from English to Dutch' }).click();
    const asked = page.getByRole('dialog', { name: 'Translate Title to Dutch again?' });
    await asked.getByRole('button', { name: 'Translate' }).click();
    await expect.poll(() => dutch(page, 'Title').inputValue()).toBe('[en>nl] The aflevering');
    await toast(page, 'Title translated to Dutch').getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => dutch(page, 'Title').inputValue()).toBe('Eigen tekst');
  });

  test('what goes wrong is said in words, and changes nothing', async () => {
    const { page, visitor } = await begin({ title: 'no-such-language', summary: 'unreachable' });
    await page.getByRole('button', { name: 'Translate Title from English to Dutch' }).click();
    await page.getByText('Not translated. There is no nl here.').waitFor();
    await page.getByRole('button', { name: 'Translate Summary from English to Dutch' }).click();
    await page.getByText('The translation service can’t be reached. Try again later.').waitFor();
    expect(await dutch(page, 'Title').inputValue()).toBe('');
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await visitor.scrollsSideways()).toBe(false);
    await visitor.picture('machine-translation-phone');
  });
});
