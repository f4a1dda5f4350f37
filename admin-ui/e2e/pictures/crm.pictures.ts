import { beforeAll, describe, test } from 'vitest';
import { ADMIN, startStage, TOKENS, withAdmin } from '../harness';
import { waitForValue } from '../harness/patience';
import { installPlugin } from '../harness/plugins';
import { foldContentTypes, takePicture, WIDE } from './camera';
import { ANNA, call, dayIn, ENGLISH, findMailedPath, personHeaders, rename, setPlugin } from './project';

/** An inquiry as the website's form sends it; `stage`: that of its deal, if it became one. */
interface Inquiry {
  form: 'wedding' | 'corporate' | 'equipment';
  inDays: number;
  fields: { name: string; email: string } & Record<string, string | number>;
  call?: string;
  stage?: string;
}

const INQUIRIES: Inquiry[] = [
  {
    form: 'wedding',
    inDays: 131,
    fields: {
      name: 'Emma Clarke',
      email: 'emma.clarke@example.org',
      phone: '+31 6 23456781',
      eventVenue: 'Wijenburg Castle, Echteld',
      guests: 110,
      packageWish: 'gold',
      message: 'We are getting married in spring and would love a DJ for dinner and the party.',
    },
    call: 'Party from 8 p.m. to 1 a.m., saxophone from 10 p.m.',
    stage: 'offerte',
  },
  {
    form: 'wedding',
    inDays: 206,
    fields: {
      name: 'Ilse and Tom Jacobs',
      email: 'ilse.jacobs@example.org',
      phone: '+31 6 23456789',
      eventVenue: 'Beach pavilion Zuid, Zandvoort',
      guests: 80,
      packageWish: 'silver',
      message: 'A small wedding on the beach. Do you need power, or do you bring a battery?',
    },
    call: 'Will send photos of the terrace. Power is there.',
    stage: 'kwalificatie',
  },
  {
    form: 'wedding',
    inDays: 178,
    fields: {
      name: 'Sophie van Loon',
      email: 'sophie.vanloon@example.org',
      phone: '+31 6 45678123',
      eventVenue: 'Orangery Elswout, Overveen',
      guests: 140,
      packageWish: 'diamond',
      message: 'Dinner in the orangery, dancing in the coach house. Can you play in both?',
    },
    call: 'Two sets of speakers, one DJ. Bride wants a saxophone.',
    stage: 'offerte',
  },
  {
    form: 'wedding',
    inDays: 92,
    fields: {
      name: 'Daniel Moreau',
      email: 'daniel.moreau@example.org',
      phone: '+31 6 34567812',
      eventVenue: 'De Hallen, Amsterdam',
      guests: 95,
      packageWish: 'gold',
      message: 'French and Dutch guests, so French and Dutch music please.',
    },
    call: 'Sends a list of songs. Wants to decide this week.',
    stage: 'kwalificatie',
  },
  {
    form: 'corporate',
    inDays: 45,
    fields: {
      name: 'Mark Peters',
      company: 'Peters Construction',
      email: 'mark@peters.example',
      phone: '+31 40 1234567',
      eventVenue: 'Evoluon, Eindhoven',
      guests: 350,
      message: 'A staff party with a talk beforehand. We need sound and light for two halls.',
    },
  },
  {
    form: 'wedding',
    inDays: 290,
    fields: {
      name: 'Fatima El Amrani',
      email: 'fatima.elamrani@example.org',
      phone: '+31 6 34567890',
      eventVenue: 'Landgoed de Rosep, Oisterwijk',
      guests: 220,
      packageWish: 'platinum',
      message: 'We are looking for a DJ who plays both Moroccan and Dutch music.',
    },
  },
  {
    form: 'equipment',
    inDays: 12,
    fields: {
      name: 'Joost van Dam',
      email: 'joost.vandam@example.org',
      message: 'Two speakers, a mixing desk and four wireless microphones for a weekend, please.',
    },
  },
  {
    form: 'corporate',
    inDays: 75,
    fields: {
      name: 'Linda Smeets',
      company: 'De Linde care homes',
      email: 'linda.smeets@example.org',
      phone: '+31 497 123456',
      guests: 60,
      message: 'An anniversary in the afternoon: not too loud, with songs that everybody can sing along to.',
    },
  },
];

/** What the packages that come with the plugin consist of, in English. */
const LINES: Record<string, string> = {
  'DJ, 4 uur': 'DJ, 4 hours',
  'DJ, 5 uur': 'DJ, 5 hours',
  'DJ, 6 uur': 'DJ, 6 hours',
  'DJ, 8 uur': 'DJ, 8 hours',
  'Geluid en basisverlichting': 'Sound and basic lighting',
  'Geluid en lichtshow': 'Sound and light show',
  'Geluid en uitgebreide lichtshow': 'Sound and large light show',
  'Draadloze microfoon en voorgesprek': 'Wireless microphone and a talk beforehand',
  'Saxofonist, 2 sets': 'Saxophone, 2 sets',
  'Liveband, 3 sets': 'Live band, 3 sets',
};

describe('the CRM of an event company', () => {
  const stage = startStage({ settings: withAdmin({ ...TOKENS, ...ENGLISH, adminUsers: [ANNA] }) });
  let headers: Record<string, string> = {};

  beforeAll(async () => {
    await installPlugin(await stage.admin('/plugins'), 'crm', 'plugins');
    headers = await personHeaders(stage.api);
    await setPlugin(stage.api, 'crm', {
      sender: 'Mr. DJ',
      replyTo: 'hello@mrdj.example',
      language: 'en',
      companyName: 'Mr. DJ',
      companyAddress: 'Havenkade 12, 5211 WZ Den Bosch',
      accentColour: '#7c2d92',
      forms: [
        ['wedding', 'bruiloften'],
        ['corporate', 'zakelijk'],
        ['equipment', 'equipment-only'],
      ].map(([key, pipeline]) => ({ key, pipeline, owner: 'role:super-admin', ownerName: 'Anna' })),
    });
    await rename(stage.api, 'plugin::crm.pipeline', 'key', {
      bruiloften: { name: 'Weddings' },
      zakelijk: { name: 'Corporate' },
      'equipment-only': { name: 'Equipment only' },
    });
    await rename(stage.api, 'plugin::crm.stage', 'key', {
      'nieuwe-lead': { name: 'New lead' },
      kwalificatie: { name: 'Qualification' },
      offerte: { name: 'Quote' },
      aanbetaling: { name: 'Deposit' },
      'project-gereed': { name: 'Booked' },
      evaluatie: { name: 'Evaluation' },
    });
    await rename(stage.api, 'plugin::crm.sla-policy', 'key', {
      'first-response': { name: 'First response' },
      'quote-stage': { name: 'Send the quote' },
    });
    const packages = await stage.api.admin<{ documentId: string; lines: { description: string }[] }[]>(
      'GET',
      '/content/plugin::crm.package',
    );
    for (const { documentId, lines } of packages) {
      const english = lines.map((one) => ({ ...one, description: LINES[one.description] ?? one.description }));
      await stage.api.admin('PUT', `/content/plugin::crm.package/${documentId}`, { data: { lines: english } });
    }
    for (const inquiry of INQUIRIES) await enter(inquiry);
  });

  /** Sends an inquiry, and does with it what a person would. */
  async function enter({ form, inDays, fields, call: note, stage: key }: Inquiry): Promise<void> {
    const { api } = stage;
    await call(api, `/api/crm/intake/${form}`, { ...fields, eventDate: dayIn(inDays), locale: 'en' });
    const lead = await waitForValue(async () => {
      const found = await api.admin<{ documentId: string }[]>(
        'GET',
        `/content/plugin::crm.lead?filters[email][$eq]=${fields.email}`,
      );
      return found[0]?.documentId;
    });
    if (note) {
      const anna = await api.as(ADMIN);
      await anna.admin('POST', '/content/plugin::crm.activity', {
        data: { kind: 'call', subject: note, direction: 'outbound', lead },
      });
    }
    if (!key) return;
    const { deal } = await call<{ deal: string }>(api, `/api/crm/qualify/${lead}`, {}, headers);
    const [target] = await api.admin<{ documentId: string }[]>(
      'GET',
      `/content/plugin::crm.stage?filters[key]=${key}&filters[pipeline][key]=bruiloften`,
    );
    await api.admin('PUT', `/content/plugin::crm.deal/${deal}`, { data: { stage: target?.documentId } });
  }

  /** Sends the quote of somebody, as the page of quotes does; the path of the link in their mail. */
  async function sendQuote(name: string, email: string): Promise<string> {
    const { page } = await stage.as(ADMIN, '/plugins/crm/pages/quotes', WIDE);
    const quote = page.getByRole('row', { name: new RegExp(name) });
    await quote.getByRole('button', { name: /^Actions/ }).click();
    await page.getByRole('menuitem', { name: 'Open' }).click();
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('The quote is being sent').first().waitFor();
    return waitForValue(() => findMailedPath(stage.api, email, /\/api\/crm\/offer\/[\w-]{43}/));
  }

  async function bookDeposit(name: string, amount: string): Promise<void> {
    const { page } = await stage.as(ADMIN, '/plugins/crm/pages/quotes?tab=unpaid', WIDE);
    await page.getByRole('tab', { name: 'Deposit to come' }).click();
    const quote = page.getByRole('row', { name: new RegExp(name) });
    await quote.getByRole('button', { name: /^Actions/ }).click();
    await page.getByRole('menuitem', { name: 'Book deposit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Amount received' }).fill(amount);
    await dialog.getByRole('button', { name: 'Book deposit' }).click();
    await page.getByRole('button', { name: /^Book €/ }).click();
    await page.getByText('Deposit booked').first().waitFor();
  }

  test('inbox', async () => {
    const { page } = await stage.as(ADMIN, '/plugins/crm/pages/inbox', WIDE);
    await page.getByRole('row', { name: /Fatima El Amrani/ }).waitFor();
    await foldContentTypes(page);
    await takePicture(page, 'crm-inbox');
  });

  test('quote as the customer sees it', async () => {
    const { page } = await stage.visitor(WIDE);
    await page.goto(await sendQuote('Emma Clarke', 'emma.clarke@example.org'));
    await page.getByRole('heading', { level: 1 }).waitFor();
    await takePicture(page, 'crm-quote');
    const second = await stage.visitor(WIDE);
    await second.page.goto(await sendQuote('Sophie van Loon', 'sophie.vanloon@example.org'));
    await second.page.getByLabel('Your name').fill('Sophie van Loon');
    await second.page.getByRole('button', { name: 'Accept' }).click();
    await second.page.getByText('Accepted by Sophie van Loon').waitFor();
    await bookDeposit('Sophie van Loon', '574.75');
  });

  test('board', async () => {
    const { page } = await stage.as(ADMIN, '/plugins/crm/pages/board', WIDE);
    await page.getByText('Emma Clarke').first().waitFor();
    await foldContentTypes(page);
    await takePicture(page, 'crm-board');
  });

  test('numbers', async () => {
    const { page } = await stage.as(ADMIN, '/plugins/crm/pages/dashboard', WIDE);
    await page.getByText('Conversion').first().waitFor();
    await foldContentTypes(page);
    await takePicture(page, 'crm-dashboard');
  });
});
