import { randomBytes } from 'node:crypto';
import { type Browser, type BrowserServer, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch } from '../e2e/harness/browser.ts';
import { findMail } from '../e2e/harness/mail-receiver.ts';
import type { Door } from './world/door.ts';
import { renderPdf, setUp, until } from './world/plant.ts';
import { ProofServer } from './world/server.ts';
import { ProofSite, SITE_ROLES } from './world/site.ts';

const EMAIL = 'sanne@example.com';
const PASSWORD = 'mijn auto wordt met de hand gebouwd';
/** Somebody who has never seen the site finds their contract, signs it and chooses within so long; a person reads more slowly than this does. */
const STORY_LIMIT = 60_000;

/** A way in which the story is told. */
interface Telling {
  name: string;
  /** The database; without it, a file in the project. */
  databaseUrl?: string;
  /** True if the server is killed after each thing that the customer does. */
  withKills: boolean;
}

const POSTGRES = process.env.CAIRN_TEST_DATABASE_URL;
const TELLINGS: Telling[] = [
  { name: 'on SQLite', withKills: false },
  { name: 'on SQLite, with a server that is killed', withKills: true },
];
if (POSTGRES) {
  const schema = `story_${randomBytes(6).toString('hex')}`;
  const databaseUrl = `${POSTGRES}${POSTGRES.includes('?') ? '&' : '?'}schema=${schema}`;
  TELLINGS.push({ name: 'on PostgreSQL, with a server that is killed', databaseUrl, withKills: true });
}

for (const telling of TELLINGS) describe(telling.name, { tags: telling.withKills ? ['full'] : [] }, () => {
  let server: ProofServer;
  let site: ProofSite;
  let program: BrowserServer;
  let browser: Browser;
  let page: Page;
  let root: Door;
  let mails: string;

  beforeAll(async () => {
    server = await ProofServer.start(['default'], { followsLinks: true, databaseUrl: telling.databaseUrl });
    root = server.door('default');
    await setUp(server, 'default');
    const admin = await server.admin('default');
    await admin.call('PUT', '/admin/api/content-roles/authenticated', SITE_ROLES.roles.authenticated);
    site = await ProofSite.start(server);
    const esign = { companyName: 'Donkervoort', language: 'nl', signedInSigning: 'code', siteUrl: `${site.base}/` };
    await admin.call('PUT', '/admin/api/plugins/esign/settings', { values: esign });
    await admin.call('PUT', '/admin/api/settings/auth', { invitationUrl: `${site.base}/invitation` });
    mails = await server.mails.serve();
    program = await launch();
    browser = await chromium.connect(program.wsEndpoint());
    const context = await browser.newContext({ baseURL: site.base, locale: 'nl-NL' });
    context.setDefaultTimeout(20_000);
    page = await context.newPage();
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await program?.close();
    await site?.stop();
    await server?.stop();
  });

  const notice = () => page.getByRole('status');

  /** Kills the server, where the story is told so: nothing that was answered may be lost, and nobody starts again. */
  const interrupt = () => (telling.withKills ? server.killAndRestart() : Promise.resolve());

  test('a customer comes in by an invitation, signs the contract, chooses, and follows the car', async () => {
    // The company sells a car: the CRM and the contract that is signed are in other tests, so here an order is sent, and a contract asked for.
    const owner = { name: 'Sanne Verhoeven', email: EMAIL, language: 'nl' };
    const order = { orderNo: 'F22-0140', title: 'F22 – Sanne', model: 'F22', amount: 292_500, currency: 'EUR', owner };
    const { vehicle } = await root.call<{ vehicle: string }>('POST', '/api/portal/orders', order);
    await root.call('POST', '/api/portal/orders', order);
    // Before the contract is mailed as well.
    const invitation = await findMail(mails, EMAIL, (text) => text.includes('/invitation?code='));
    const data = { vehicle, group: 'Interieur', title: 'Kleur van het leer', options: ['Cognac', 'Zwart'], option: 'Cognac' };
    await root.call('POST', '/api/portal/choices', { data: { ...data, deadline: '2031-01-01T10:00:00Z' } });
    await sendContract();
    await interrupt();

    // A password that she chooses herself.
    const began = performance.now();
    await page.goto(/http:\/\/\S+\?code=[\w-]+/.exec(invitation)?.[0] ?? '');
    await page.locator('[name=password]').fill(PASSWORD);
    await page.getByRole('button', { name: 'Wachtwoord kiezen en inloggen' }).click();
    await page.getByRole('heading', { level: 1, name: 'F22 – Sanne' }).waitFor();
    await interrupt();

    // The contract: found on the overview, opened with a code, signed on the page of e-signing.
    await page.getByRole('region', { name: 'Voor jou te doen' }).getByRole('link', { name: 'Onderteken: Contract F22' }).click();
    await page.getByRole('button', { name: 'Mail me een code' }).or(page.locator('[name=code]')).first().waitFor();
    if ((await page.locator('[name=code]').count()) === 0) await page.getByRole('button', { name: 'Mail me een code' }).click();
    await notice().getByText('Er is een code onderweg').waitFor();
    expect(await page.locator('[name=code]').evaluate((field) => field === document.activeElement)).toBe(true);
    await interrupt();
    const code = await findMail(mails, EMAIL, (text) => /\b\d{6}\b/.test(text));
    await page.locator('[name=code]').fill(/\b\d{6}\b/.exec(code)?.[0] ?? '');
    await page.getByRole('button', { name: 'Document openen' }).click();
    await page.waitForURL(`${server.base}/**`);
    await page.getByLabel('Of typ je naam').fill('Sanne Verhoeven');
    await page.getByLabel(/Ik heb het document gelezen/).check();
    await page.getByRole('button', { name: 'Document ondertekenen' }).click();
    await page.getByText(/Je hebt getekend|Iedereen heeft getekend/).first().waitFor();
    await interrupt();

    // The way back: nothing asks for the signature any more, whether the document is sealed yet or not.
    await page.getByRole('link', { name: 'Terug naar Donkervoort' }).click();
    await page.getByRole('region', { name: 'Voor jou te doen' }).waitFor();
    expect(await page.getByRole('link', { name: 'Onderteken: Contract F22' }).count()).toBe(0);

    // A choice.
    await page.goto('/configuration');
    await page.getByLabel('Zwart').check();
    await page.getByRole('button', { name: 'Deze keuze bevestigen' }).click();
    await notice().getByText('Kleur van het leer: je hebt Zwart gekozen.').waitFor();
    await interrupt();
    const took = performance.now() - began;
    console.info(`from the mail to a signed contract and a choice: ${(took / 1_000).toFixed(1)} s`);
    expect(took).toBeLessThan(STORY_LIMIT);

    // The sealed contract is among her documents, and nobody else's.
    await until('the contract is sealed', async () => {
      await page.goto('/documents');
      return (await page.getByText(/Ondertekend op/).count()) === 1;
    });
    const link = page.getByRole('link', { name: /Downloaden/ }).first();
    const address = (await link.getAttribute('href')) ?? '';
    const file = await page.context().request.get(address);
    expect((await file.body()).subarray(0, 5).toString()).toBe('%PDF-');
    expect((await file.body()).includes('ByteRange')).toBe(true);
    expect((await fetch(`${site.base}${address}`, { redirect: 'manual' })).status).not.toBe(200);

    // The workshop reports, and the open overview shows it: also what is reported before the page follows, and what after a restart.
    const follow = telling.withKills ? undefined : await holdStream();
    await page.goto('/');
    const step = { orderNo: order.orderNo, step: 'ontwerp' };
    await root.call('POST', '/api/portal/steps', { id: 'a', ...step, state: 'started' });
    await interrupt();
    await root.call('POST', '/api/portal/steps', { id: 'b', ...step, state: 'done' });
    follow?.();
    await page.getByRole('link', { name: /Vertel hoe het ging: Ontwerp/ }).click();
    await page.getByRole('radio', { name: '9', exact: true }).check();
    await page.getByRole('button', { name: 'Beoordeling versturen' }).click();
    await notice().getByText('Bedankt.').waitFor();

    // No second invitation came of the second order.
    const all = (await (await fetch(mails)).json()) as { to: string; text: string }[];
    expect(all.filter(({ to, text }) => to === EMAIL && text.includes('/invitation?code=')).length).toBe(1);
  });

  /** Holds the stream of the overview back, as a slow network would, until the function that it returns is called. */
  async function holdStream(): Promise<() => void> {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/live', async (route) => {
      await released;
      await route.continue();
    });
    return release;
  }

  /** Sends a contract out for signature, among the documents of the vehicle. */
  async function sendContract(): Promise<void> {
    const document = await root.upload('contract.pdf', 'application/pdf', renderPdf('contract'));
    const request = {
      reference: 'order/F22-0140',
      title: 'Contract F22',
      document,
      recipients: [{ name: 'Sanne Verhoeven', email: EMAIL }],
      fields: [{ signer: 1, page: 1, x: 72, y: 640, width: 170, height: 48 }],
    };
    await root.call('POST', '/api/esign/requests', { data: request });
    await until('the contract is sent', async () => {
      const found = await root.call<{ title: string; status: string }[]>('GET', '/api/esign/envelopes');
      return found.some(({ title, status }) => title === request.title && status === 'sent');
    });
  }
});
