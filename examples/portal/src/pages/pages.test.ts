import { describe, expect, onTestFinished, test } from 'vitest';
import { type Answers, describeDashboard, TestSite } from '../testing.ts';

async function startSite(answers: Answers): Promise<TestSite> {
  const site = await TestSite.start(answers);
  onTestFinished(() => site.stop());
  return site;
}

/** The text of a page, without its tags. */
function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

const EMPTY_PAGE = { data: [], meta: { pagination: { page: 1, pageCount: 1, total: 0 } } };

describe('the page to sign', () => {
  const request = { id: 'e', title: 'Contract F22-0132', status: 'invited', way: 'code' };
  const answers = { ...describeDashboard({}), 'GET /esign/mine/e': { body: { data: request } } };
  const refuse = (status: number, message = 'x') => ({ status, body: { error: { status, name: 'Error', message } } });

  test.each([403, 409, 503])('offers to mail a code where none could be mailed: %i', async (status) => {
    const site = await startSite({ ...answers, 'POST /esign/mine/e/code': refuse(status, 'Niet naar dit adres.') });
    // Also where a code was mailed before.
    for (const path of ['/sign/e', '/sign/e?code=sent']) {
      const page = await site.open(path, { intent: 'code' });
      expect(page.status).toBe(status);
      expect(textOf(page.html)).toContain(status === 409 ? 'Niet naar dit adres.' : 'De code kon niet worden gemaild.');
      expect(page.html).toContain('<button class="button">Mail me een code</button>');
      expect(page.html).not.toContain('name="code"');
      expect(textOf(page.html)).not.toContain('zes cijfers');
    }
  });

  test('asks for a code once it was mailed, in a field that has the focus', async () => {
    const site = await startSite({ ...answers, 'POST /esign/mine/e/code': { body: { data: { status: 'sent' } } } });
    expect((await site.open('/sign/e')).html).not.toContain('name="code"');
    expect((await site.open('/sign/e', { intent: 'code' })).location).toBe('/sign/e?code=sent');
    expect((await site.open('/sign/e?code=sent')).html).toMatch(/<input[^>]* id="code"[^>]* autofocus=""/);
  });

  test('leaves the focus in the field after a wrong code, and on the summary where another code is wrong as well', async () => {
    const site = await startSite({ ...answers, 'POST /esign/mine/e/open': refuse(400, 'Deze code klopt niet.') });
    const wrong = (await site.open('/sign/e?code=sent', { intent: 'open', code: '000000' })).html;
    expect(wrong).toMatch(/<input[^>]* id="code"[^>]* autofocus=""/);
    expect(wrong.match(/autofocus/g)?.length).toBe(1);
    const tired = await startSite({ ...answers, 'POST /esign/mine/e/open': refuse(429, 'Te veel pogingen.') });
    const over = (await tired.open('/sign/e?code=sent', { intent: 'open', code: '000000' })).html;
    expect(over).toMatch(/role="alert"[^>]* autofocus=""/);
    expect(over.match(/autofocus/g)?.length).toBe(1);
  });

  test.each(['signed', 'completed', 'declined', 'voided'])('asks for nothing once it is over: %s', async (status) => {
    const over = { ...answers, 'GET /esign/mine/e': { body: { data: { ...request, status } } } };
    const page = await (await startSite(over)).open('/sign/e?code=sent');
    const text =
      status === 'signed' || status === 'completed' ? 'Je hebt dit document ondertekend.' : 'hoeft niet meer';
    expect(textOf(page.html)).toContain(text);
    expect(page.html).not.toContain('name="intent"');
    expect(page.html).toContain('href="/documents"');
  });

  test('says of a document that cannot be opened now nothing about mails', async () => {
    const site = await startSite({ ...answers, 'POST /esign/mine/e/open': refuse(503) });
    const page = await site.open('/sign/e?code=sent', { intent: 'open', code: '123456' });
    expect(page.html).toContain('name="code"');
    expect(textOf(page.html)).toContain('Je gegevens zijn nu niet bereikbaar.');
  });
});

describe('the overview', () => {
  const step = (key: string, status: string) => ({ key, title: key, status });
  const pay = (title: string, due: string, overdue = false) => ({
    kind: 'pay',
    vehicle: 'v',
    documentId: title,
    title,
    due,
    overdue,
    amount: 1_250,
  });

  test('begins with what is to be done, and leaves out payments of later months', async () => {
    const actions = [
      pay('Te laat', '2026-01-01', true),
      pay('Deze maand', '2026-07-31'),
      pay('Volgend jaar', '2027-01-01'),
    ];
    const steps = [step('Ontwerp', 'done'), step('Engineering', 'active')];
    const site = await startSite(describeDashboard({ steps } as object, { actions }));
    const text = textOf((await site.open('/')).html);
    expect([text.includes('Betaal: Te laat'), text.includes('Betaal: Deze maand')]).toEqual([true, true]);
    expect(text).not.toContain('Volgend jaar');
    expect(text.indexOf('Voor jou te doen')).toBeLessThan(text.indexOf('Voortgang'));
    expect(text).toContain('Voortgang Stap 2 van 2');
  });

  test('says of a car that nobody works on yet that nothing has begun', async () => {
    const steps = [step('Ontwerp', 'todo'), step('Engineering', 'todo')];
    const site = await startSite(describeDashboard({ steps } as object));
    expect(textOf((await site.open('/')).html)).toContain('Voortgang Nog niet begonnen');
  });

  test('does not break order numbers', async () => {
    const site = await startSite(describeDashboard({ orderNo: 'F22-0132', title: 'F22 – D8-0415 van Anna' }));
    const { html } = await site.open('/');
    expect(html).toContain('<span><span class="code">F22-0132</span></span>');
    expect(html).toContain('<h1>F22 – <span class="code">D8-0415</span> van Anna</h1>');
  });
});

test('a document says when it can be downloaded', async () => {
  const row = { documentId: 'd', kind: 'contract', title: 'Contract', number: null, issuedOn: null, amount: null };
  const site = await startSite({
    ...describeDashboard({}),
    'GET /portal/me/vehicles/v/documents': {
      body: {
        ...EMPTY_PAGE,
        data: [
          { ...row, file: null, signature: 'sent', envelope: null, signedAt: null },
          { ...row, documentId: 'e', file: null, signature: 'completing', envelope: null, signedAt: null },
          { ...row, documentId: 'f', file: null, signature: null, envelope: null, signedAt: null },
        ],
      },
    },
  });
  const text = textOf((await site.open('/documents')).html);
  expect(text.match(/Downloaden kan [^.]*\.|Nog geen bestand/g)).toEqual([
    'Downloaden kan zodra het document is ondertekend.',
    'Downloaden kan zodra iedereen heeft getekend en het document is verzegeld.',
    'Nog geen bestand',
  ]);
});

describe('the service of a vehicle', () => {
  const record = { documentId: 's', vehicle: 'v', title: 'Beurt', servicedOn: '2026-05-01', mileage: 1_500 };
  const next = { nextOn: '2027-05-01', nextMileage: 15_000 };
  const show = async (service: object, files: Answers[string]) => {
    const site = await startSite({
      ...describeDashboard({}),
      'GET /portal/me/vehicles/v': { body: { data: { service: [service] } } },
      'GET /portal/me/vehicles/v/telemetry': { body: EMPTY_PAGE },
      'GET /portal/service-records': files,
    });
    return (await site.open('/vehicle')).html;
  };

  test('is described, and the next one announced in a sentence', async () => {
    const description = 'Olie **ververst**.';
    const html = await show({ ...record, ...next, description }, { body: { data: [{ documentId: 's', files: [] }] } });
    expect(html).toContain('<p>Olie <strong>ververst</strong>.</p>');
    expect(textOf(html).replace(/\u00a0/g, ' ')).toContain('uiterlijk 1 mei 2027, of eerder bij 15.000 km.');
  });

  test('is listed where the role of customers may not read its files', async () => {
    const html = await show({ ...record, nextOn: null, nextMileage: 15_000 }, { status: 403, body: { error: {} } });
    expect(textOf(html).replace(/\u00a0/g, ' ')).toContain('De volgende beurt is bij 15.000 km.');
  });
});

test('a choice says whose proposal it is, and what was chosen', async () => {
  const choice = { vehicle: 'v', group: null, description: null, options: ['Zwart'], note: null, picture: null };
  const at = { deadline: '2026-12-01T12:00:00Z', confirmedAt: null };
  const choices = [
    { ...choice, ...at, documentId: 'a', title: 'Leer', status: 'proposed', option: 'Cognac' },
    { ...choice, ...at, documentId: 'b', title: 'Velgen', status: 'proposed', option: null },
    { ...choice, ...at, documentId: 'c', title: 'Kleur', status: 'confirmed', option: 'Rood' },
  ];
  const theme = { 'GET /portal/theme': { body: { data: { name: 'Donkervoort' } } } };
  const site = await startSite({ ...describeDashboard({}, { choices }), ...theme });
  const text = textOf((await site.open('/configuration')).html);
  for (const state of ['Voorstel van Donkervoort: Cognac', 'Nog te kiezen', 'Je hebt Rood gekozen']) {
    expect(text).toContain(state);
  }
});

describe('the page of an invitation', () => {
  const check = (valid: boolean) => ({ 'POST /auth/check-invitation': { body: { valid } } });

  test('shows the form for a link that works, and a way out for one that does not', async () => {
    const site = await startSite(check(true));
    expect((await site.open('/invitation?code=abc')).html).toContain('name="password"');
    const used = await startSite(check(false));
    const page = await used.open('/invitation?code=abc');
    expect(page.html).not.toContain('name="password"');
    expect(page.html).toContain('href="/invitation/request"');
  });

  test('shows the form where the server cannot say', async () => {
    const site = await startSite({ 'POST /auth/check-invitation': { status: 403, body: {} } });
    expect((await site.open('/invitation?code=abc')).html).toContain('name="password"');
  });
});
