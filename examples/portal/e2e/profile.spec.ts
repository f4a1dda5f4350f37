import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { TestApi } from './harness/api.ts';
import { connect, enter, fillSignIn, findViolations, getAs, isTooWide, signIn } from './harness/browser.ts';
import { PASSWORD } from './harness/world.ts';

const site = inject('site');
const hastySite = inject('hastySite');
const api = new TestApi(inject('cairn'));
/** Sessions of the hasty site end after eight seconds. */
const IDLE_MILLIS = 8_200;
let browser: Browser;

beforeAll(async () => {
  browser = await connect();
});

const notice = (page: Page) => page.getByRole('status');

describe('surveys', () => {
  beforeAll(async () => {
    await api.createUser('gijs', PASSWORD);
    const questions = [
      {
        key: 'score',
        kind: 'score',
        label: { nl: 'Zou je ons aanraden?', en: 'Would you recommend us?' },
        isRequired: true,
      },
      {
        key: 'contact',
        kind: 'choice',
        label: { nl: 'Hoe was het contact?', en: 'How was the contact?' },
        isRequired: true,
        options: [
          { key: 'good', label: { nl: 'Goed', en: 'Good' } },
          { key: 'bad', label: { nl: 'Slecht', en: 'Bad' } },
        ],
      },
      { key: 'more', kind: 'text', label: { nl: 'Wil je nog iets kwijt?', en: 'Anything else?' } },
    ];
    const survey = { trigger: 'ontwerp', questions, isActive: true };
    for (const title of ['Hoe ging het ontwerp?', 'En de kleuren?']) await api.create('surveys', { ...survey, title });
    const owner = { name: 'Gijs Bos', email: 'gijs@example.com', language: 'nl' };
    await api.send('POST', '/api/portal/orders', { orderNo: 'F22-0150', title: 'F22 – Gijs', model: 'F22', owner });
    await api.send('POST', '/api/portal/steps', { id: '0150/o', orderNo: 'F22-0150', step: 'ontwerp', state: 'done' });
  });

  /** The page of a survey, from its card; the card is there a moment after the step was reported. */
  async function openSurvey(page: Page, title: string): Promise<void> {
    const link = page.getByRole('link', { name: `Vragen beantwoorden ${title}` });
    for (let attempt = 0; attempt < 20 && (await link.count()) === 0; attempt += 1) await page.goto('/');
    await link.click();
  }

  test('are answered without scripts, and changed', async () => {
    const page = await enter(browser, site, 'gijs', { javaScriptEnabled: false });
    await openSurvey(page, 'Hoe ging het ontwerp?');
    await page.getByRole('button', { name: 'Antwoorden versturen' }).click();
    await page.getByRole('alert').getByRole('link', { name: 'Kies een antwoord op ‘Zou je ons aanraden?’.' }).waitFor();
    await page.getByRole('radio', { name: '9', exact: true }).check();
    await page.getByRole('radio', { name: 'Goed' }).check();
    await page.getByLabel('Wil je nog iets kwijt?').fill('Mooi <b>werk</b>');
    const path = new URL(page.url()).pathname;
    await page.getByRole('button', { name: 'Antwoorden versturen' }).click();
    await notice(page).getByText('Bedankt. Je antwoorden zijn verstuurd.').waitFor();
    await page.goto(path);
    expect(await page.getByRole('radio', { name: '9', exact: true }).isChecked()).toBe(true);
    expect(await page.getByLabel('Wil je nog iets kwijt?').inputValue()).toBe('Mooi <b>werk</b>');
    await page.getByRole('radio', { name: 'Slecht' }).check();
    await page.getByRole('button', { name: 'Antwoorden versturen' }).click();
    await notice(page).waitFor();
    expect((await getAs(browser, site, 'bram', path)).status).toBe(404);
    const checked = await enter(browser, site, 'gijs', { viewport: { width: 360, height: 740 } });
    for (const checkedPath of [path, '/profile']) {
      await checked.goto(checkedPath);
      expect([await findViolations(checked), await isTooWide(checked)], checkedPath).toEqual([[], false]);
    }
  });

  test('keep what was typed when the session ends, and can be declined', async () => {
    const options = { javaScriptEnabled: false, viewport: { width: 360, height: 740 } };
    const before = await enter(browser, site, 'gijs', options);
    await openSurvey(before, 'En de kleuren?');
    const page = await signIn(browser, hastySite, 'gijs', options);
    await page.goto(new URL(before.url()).pathname);
    await page.getByRole('radio', { name: '3', exact: true }).check();
    await page.getByLabel('Wil je nog iets kwijt?').fill('Een lang verhaal.');
    await new Promise((resolve) => setTimeout(resolve, IDLE_MILLIS));
    await page.getByRole('button', { name: 'Antwoorden versturen' }).click();
    await page.getByText('wat je had ingevuld is bewaard').waitFor();
    await fillSignIn(page, 'gijs');
    await page.getByText('Wat je had ingevuld staat er nog').waitFor();
    expect(await page.getByRole('radio', { name: '3', exact: true }).isChecked()).toBe(true);
    expect(await page.getByLabel('Wil je nog iets kwijt?').inputValue()).toBe('Een lang verhaal.');
    await page.getByRole('button', { name: 'Nee, bedankt' }).click();
    await notice(page).getByText('Goed, we vragen je dit niet nog een keer.').waitFor();
    expect(await page.getByText('En de kleuren?').count()).toBe(0);
  });
});

describe('what a customer is mailed', () => {
  test('is chosen without scripts, and what is wrong is named', async () => {
    await api.createUser('hans', PASSWORD);
    const page = await enter(browser, site, 'hans', { javaScriptEnabled: false });
    await page.goto('/profile');
    await page.getByLabel('enquêtes').uncheck();
    await page.getByLabel('Eén mail per dag').check();
    await page.getByLabel('Geen mails in deze uren').check();
    await page.getByLabel('Van', { exact: true }).fill('');
    const save = page.getByRole('button', { name: 'Opslaan', exact: true });
    await save.click();
    await page.getByRole('alert').getByText('Vul een tijd in, zoals 22:00.').waitFor();
    expect(await page.getByLabel('enquêtes').isChecked()).toBe(false);
    await page.getByLabel('Van', { exact: true }).fill('23:30');
    await page.getByLabel('Tijdzone').selectOption('Europe/London');
    await save.click();
    await notice(page).getByText('Je voorkeuren voor mails zijn opgeslagen.').waitFor();
    expect(await page.getByLabel('enquêtes').isChecked()).toBe(false);
    expect(await page.getByLabel('Eén mail per dag').isChecked()).toBe(true);
    expect(await page.getByLabel('Van', { exact: true }).inputValue()).toBe('23:30');
    expect(await page.getByLabel('Tijdzone').inputValue()).toBe('Europe/London');
  });
});

describe('consents', () => {
  test('are given and withdrawn, and their history is shown', async () => {
    const photos = { key: 'photos', version: 1, labelNl: 'Foto’s van je auto', textNl: 'We mogen ze laten zien.' };
    await api.setSettings('portal', { purposes: [photos] });
    await api.createUser('ilse', PASSWORD);
    const page = await enter(browser, site, 'ilse', { javaScriptEnabled: false });
    await page.goto('/profile');
    await page.getByText('Je hebt hierop nog niet geantwoord.').first().waitFor();
    await page.getByRole('button', { name: 'Toestemming geven Foto’s van je auto' }).click();
    await notice(page).getByText('Je hebt toestemming gegeven: Foto’s van je auto.').waitFor();
    await page.getByRole('button', { name: 'Toestemming intrekken Foto’s van je auto' }).click();
    await notice(page).getByText('Je hebt je toestemming ingetrokken: Foto’s van je auto.').waitFor();
    await page.getByText('Je eerdere antwoorden').click();
    const said = page.getByRole('cell', { name: /^(Ja|Nee)$/ });
    expect(await said.allTextContents()).toEqual(['Nee', 'Ja']);
  });
});
