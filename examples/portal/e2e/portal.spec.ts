import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { TestApi } from './harness/api.ts';
import { connect, enter, getAs, signIn } from './harness/browser.ts';
import { PASSWORD } from './harness/world.ts';

const site = inject('site');
const { vehicles, document, entry } = inject('world');
const api = new TestApi(inject('cairn'));
let browser: Browser;

beforeAll(async () => {
  browser = await connect();
});

const notice = (page: Page) => page.getByRole('status');

describe('the overview', () => {
  test('shows steps, actions, the next payment and news of the vehicle', async () => {
    const page = await enter(browser, site, 'anna');
    await page.getByRole('heading', { level: 1, name: 'F22 – Anna' }).waitFor();
    const steps = page.getByRole('listitem').filter({ has: page.locator('.step-title') });
    const states = page.locator('.step-state').evaluateAll((all) => all.map((one) => one.firstChild?.textContent));
    expect(await steps.count()).toBe(5);
    expect(await states).toEqual(['klaar', 'klaar', 'mee bezig', 'komt nog', 'komt nog']);
    expect(await page.locator('[aria-current=step] .step-title').textContent()).toBe('Productie');
    const actions = page.getByRole('region', { name: 'Voor jou te doen' });
    await actions.getByText('Deze betaling is te laat.').waitFor();
    expect(await actions.getByRole('link').allTextContents()).toEqual([
      'Betaal: Start productie',
      'Kies: Kleur van het leer',
      'Vertel hoe het ging: Ontwerp',
      'Vertel hoe het ging: Engineering',
      'Kies: Velgen',
    ]);
    await page.getByRole('region', { name: 'Volgende betaling' }).getByText('€ 117.000,00').waitFor();
    await page.getByRole('heading', { name: 'Voortgang Stap 3 van 5' }).waitFor();
    await page.getByRole('region', { name: 'Het laatste nieuws' }).getByText('Je chassis is binnen').waitFor();
  });

  test('another vehicle can be picked, and its empty lists say what will come', async () => {
    const page = await enter(browser, site, 'anna');
    await page.getByRole('link', { name: 'D8 GTO – Anna' }).click();
    await page.getByRole('heading', { level: 1, name: 'D8 GTO – Anna' }).waitFor();
    await page.getByText('Hier begint je verhaal.').waitFor();
    await page.getByRole('heading', { name: 'Voortgang Nog niet begonnen' }).waitFor();
    await page.getByRole('link', { name: 'Documenten' }).click();
    expect(new URL(page.url()).searchParams.get('vehicle')).toBe(vehicles.annaOld);
    await page.getByText('Er zijn nog geen documenten.').waitFor();
  });

  test.each([
    [1440, 900],
    [390, 844],
  ])('what is to be done is seen without scrolling, at %i × %i', async (width, height) => {
    const page = await enter(browser, site, 'anna', { viewport: { width, height } });
    const box = await page.getByRole('link', { name: 'Betaal: Start productie' }).boundingBox();
    expect((box?.y ?? height) + (box?.height ?? 0)).toBeLessThan(height);
  });

  test('somebody without a vehicle reads what to do', async () => {
    const page = await enter(browser, site, 'eva');
    await page.getByRole('heading', { name: 'Hier komt je auto' }).waitFor();
    for (const path of ['/timeline', '/media', '/documents', '/configuration', '/vehicle', '/profile']) {
      expect((await getAs(browser, site, 'eva', path)).status, path).toBe(200);
    }
  });

  test('a delegate sees the parts that were chosen for them', async () => {
    const page = await enter(browser, site, 'dirk');
    await page.getByText('Je kijkt mee met deze auto.').waitFor();
    expect(await page.getByRole('region', { name: 'Volgende betaling' }).count()).toBe(0);
    await page.goto('/documents');
    await page.getByText('De eigenaar van deze auto heeft de documenten niet met je gedeeld.').waitFor();
    await page.getByText('De eigenaar van deze auto heeft de betalingen niet met je gedeeld.').waitFor();
    expect((await page.context().request.get(`/files/documents/${document}`)).status()).toBe(404);
    await page.goto('/timeline');
    await page.getByText('Je chassis is binnen').waitFor();
  });
});

describe('choices', () => {
  test('are confirmed, changed and noted, without scripts', async () => {
    const page = await enter(browser, site, 'bram', { javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Kies: Kleur van het leer' }).click();
    await page.getByText(/Je kunt dit wijzigen tot .* om \d\d:\d\d\sCES?T\./).waitFor();
    await page.getByText(/^Voorstel van .*: Cognac$/).waitFor();
    await page.getByLabel('Rood').check();
    await page.getByLabel('Opmerking voor de werkplaats').fill('Met <b>zwarte</b> stiksels');
    await page.getByRole('button', { name: 'Deze keuze bevestigen' }).click();
    await notice(page).getByText('Kleur van het leer: je hebt Rood gekozen.').waitFor();
    await page.getByText('Je hebt Rood gekozen', { exact: true }).waitFor();
    await page.getByLabel('Zwart').check();
    await page.getByRole('button', { name: 'Deze keuze wijzigen' }).click();
    await notice(page).waitFor();
    expect(await page.getByLabel('Zwart').isChecked()).toBe(true);
    expect(await page.getByLabel('Opmerking').inputValue()).toBe('Met <b>zwarte</b> stiksels');
    const stored = await api.send<{ option: string; status: string }[]>(
      'GET',
      `/api/portal/choices?filters[vehicle][documentId][$eq]=${vehicles.bram}`,
    );
    expect(stored).toMatchObject([{ option: 'Zwart', status: 'confirmed' }]);
    await page.reload();
    expect(await notice(page).count()).toBe(0);
  });

  test('say in words why they cannot change any more', async () => {
    const page = await enter(browser, site, 'cora');
    await page.goto('/configuration');
    const [choice] = await api.send<{ documentId: string }[]>(
      'GET',
      `/api/portal/choices?filters[vehicle][documentId][$eq]=${vehicles.cora}`,
    );
    // The deadline passes while the page is open.
    const deadline = new Date(Date.now() + 2_000).toISOString();
    await api.send('PUT', `/api/portal/choices/${choice?.documentId}`, { data: { deadline } });
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    await page.getByLabel('Rood').check();
    await page.getByRole('button', { name: 'Deze keuze bevestigen' }).click();
    await page.getByRole('alert').getByText('De deadline van deze keuze is voorbij.').waitFor();
    await page.getByText('Definitief').waitFor();
    await page.getByText(/Wijzigen kon tot/).waitFor();
    expect(await page.getByRole('radio').count()).toBe(0);
  });
});

test('a step is rated, and the rating changed', async () => {
  const page = await enter(browser, site, 'cora', { javaScriptEnabled: false });
  await page.getByRole('link', { name: 'Beoordeel deze stap Ontwerp' }).click();
  await page.getByRole('button', { name: 'Beoordeling versturen' }).click();
  await page.getByRole('alert').getByText('Kies een cijfer van 0 tot en met 10.').waitFor();
  await page.getByRole('radio', { name: '9', exact: true }).check();
  await page.getByLabel('Wat ging goed').fill('Prachtige tekeningen.');
  await page.getByRole('button', { name: 'Beoordeling versturen' }).click();
  await notice(page).getByText('Bedankt.').waitFor();
  await page.getByText('Je gaf een 9').waitFor();
  await page.getByRole('link', { name: 'Beoordeling aanpassen Ontwerp' }).click();
  expect(await page.getByRole('radio', { name: '9', exact: true }).isChecked()).toBe(true);
  expect((await page.goto('/rate?step=levering'))?.status()).toBe(200);
  await page.getByText('Deze stap kun je op dit moment niet beoordelen.').waitFor();
  expect((await page.goto('/rate?step=nothing'))?.status()).toBe(404);
});

test('whatever is somebody else’s is not there', async () => {
  const [{ photos } = { photos: [] }] = await api.send<{ photos: { documentId: string }[] }[]>(
    'GET',
    `/api/portal/timeline-entries?filters[documentId][$eq]=${entry}&populate=photos`,
  );
  const photo = photos[0]?.documentId;
  const foreign = [
    `/files/documents/${document}`,
    `/files/timeline/${entry}/${photo}`,
    ...['', 'timeline', 'documents', 'configuration', 'profile'].map((path) => `/${path}?vehicle=${vehicles.anna}`),
    `/rate?step=ontwerp&vehicle=${vehicles.anna}`,
  ];
  for (const path of foreign) {
    expect((await getAs(browser, site, 'anna', path)).status, `${path} of its owner`).toBe(200);
    expect((await getAs(browser, site, 'bram', path)).status, path).toBe(404);
  }
  for (const path of [
    '/files/documents/nothing',
    '/files/..%2f..%2fapi/portal/me',
    '/uploads/private/x.png',
    '/uploads/%70rivate/x.png',
    '/files/%E0%A4%A',
    '/%E0%A4%A',
  ]) {
    expect((await getAs(browser, site, 'bram', path)).status, path).toBe(404);
  }
});

test('help articles are searched, read and voted on', async () => {
  const page = await enter(browser, site, 'anna');
  await page.goto('/help');
  await page.getByLabel('Zoek in de kennisbank').fill('onderhoudt');
  await page.getByRole('button', { name: 'Zoeken' }).click();
  await page.getByRole('heading', { name: '1 artikel over ‘onderhoudt’' }).waitFor();
  await page.getByRole('link', { name: 'Onderhoud van je auto' }).click();
  await page.getByRole('heading', { name: 'Banden' }).waitFor();
  await page.getByRole('button', { name: 'Ja' }).click();
  await notice(page).getByText('Bedankt voor je antwoord.').waitFor();
  await page.goto('/help?q=zonnepaneel');
  await page.getByText('Er is niets gevonden over ‘zonnepaneel’.').waitFor();
});

test('the profile: language, password, who sees the vehicle', async () => {
  await api.createUser('ruth', PASSWORD);
  const owner = await enter(browser, site, 'anna');
  await owner.goto('/profile');
  await owner.getByRole('region', { name: 'Wie deze auto kan zien' }).getByText('Dirk Kok').waitFor();
  const page = await signIn(browser, site, 'ruth');
  await page.goto('/profile');
  await page.getByRole('radio', { name: 'English' }).check();
  await page.getByRole('button', { name: 'Taal opslaan' }).click();
  await notice(page).getByText('This site is in English from now on.').waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  const change = async (current: string, password: string) => {
    await page.getByLabel('Current password').fill(current);
    await page.getByLabel('New password').fill(password);
    await page.getByRole('button', { name: 'Change password' }).click();
  };
  await change('not this one', 'ruths new password');
  await page.getByRole('alert').getByText('This is not your current password.').waitFor();
  await change(PASSWORD, 'ruths new password');
  await notice(page).getByText('Your password has been changed.').waitFor();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Your car will appear here' }).waitFor();
});
