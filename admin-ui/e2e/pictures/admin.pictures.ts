import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, test } from 'vitest';
import articleTypes from '@/features/demo/content/types.json';
import { ADMIN, type Api, startStage, TOKEN, TOKENS, withAdmin } from '../harness';
import { MailReceiver } from '../harness/mailReceiver';
import { PHONE, takePicture, WIDE } from './camera';
import { startMagazineSite } from './magazineSite';
import { ANNA, dayIn, ENGLISH } from './project';

const ARTICLE = 'api::article.article';
const TOM = {
  email: 'tom@example.com',
  password: 'correct horse battery staple',
  firstName: 'Tom',
  lastName: 'Bakker',
};
const READ = ['find', 'findOne'];

/** Accounts at the magazine's site: those with `signsIn` have been there today. */
const READERS = [
  { username: 'Noor Willems', email: 'noor.willems@example.org', signsIn: true },
  { username: 'James Holloway', email: 'james.holloway@example.org', signsIn: true },
  { username: 'Fatima El Amrani', email: 'fatima.elamrani@example.org' },
  { username: 'Lars Eriksen', email: 'lars.eriksen@example.org', signsIn: true },
  { username: 'Giulia Conti', email: 'giulia.conti@example.org', blocked: true },
  { username: 'Sam de Boer', email: 'sam.deboer@example.org' },
  { username: 'Hannah Meyer', email: 'hannah.meyer@example.org', signsIn: true },
] as const;

/** The type of articles with a field that comes and goes, and the address of the site's preview. */
function articleWith(previewUrl: string): object {
  const type = articleTypes.contentTypes[ARTICLE];
  const shared = { pluginOptions: { i18n: { localized: false } } };
  return {
    ...type,
    options: { ...type.options, cairn: { previewUrl } },
    attributes: {
      ...type.attributes,
      format: { type: 'enumeration', enum: ['story', 'photo essay', 'podcast'], ...shared },
      recording: {
        type: 'string',
        ...shared,
        conditions: { visible: { '==': [{ var: 'format' }, 'podcast'] } },
      },
    },
  };
}

describe('a magazine', () => {
  let site: Server;
  let mails: MailReceiver;
  const setup = {
    config: '',
    settings: withAdmin({
      ...TOKENS,
      ...ENGLISH,
      adminUsers: [ANNA, { ...TOM, roles: ['editor'] }],
      roles: { subscriber: { name: 'Subscriber', permissions: {} } },
    }),
  };
  const ids: Record<string, string> = {};
  let release = 0;
  beforeAll(async () => {
    mails = await MailReceiver.start();
    setup.config = mails.config;
  });
  const stage = startStage(setup);
  // As she would: what is published says by whom.
  let anna: Api;

  const change = (slug: string, data: object) => stage.api.admin('PUT', `/content/${ARTICLE}/${ids[slug]}`, { data });
  const publish = (slug: string) =>
    anna.admin('POST', `/content/${ARTICLE}/${ids[slug]}/actions/publish`, { locales: '*' });

  beforeAll(async () => {
    anna = await stage.api.as(ADMIN);
    site = await startMagazineSite(() => stage.server.base);
    const { page } = await stage.admin('/demo');
    await page.getByRole('button', { name: 'Add demo content' }).click();
    await page.getByRole('heading', { name: 'The demo is ready' }).waitFor({ timeout: 60_000 });
    const previewUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}/{documentId}?token={token}&locale={locale}`;
    await stage.api.admin('POST', '/content-types/apply', {
      contentTypes: { [ARTICLE]: articleWith(previewUrl) },
      components: {},
      answers: {},
    });
    const found = await stage.api.admin<{ slug: string; documentId: string }[]>(
      'GET',
      `/content/${ARTICLE}?pagination[pageSize]=50`,
    );
    for (const { slug, documentId } of found) ids[slug] = documentId;
    await change('the-last-keeper', { format: 'story' });
    await publish('the-last-keeper');
    await fillRelease();
    await fillCalendar();
    await inviteReaders();
    const people = await anna.admin<{ id: number; email: string }[]>('GET', '/users');
    const users = people.filter(({ email }) => email === ADMIN.email).map(({ id }) => id);
    await anna.admin('PUT', `/review/${ARTICLE}/${ids['the-winter-market']}/assignees?locale=en`, { users });
    const tom = await stage.api.as(TOM);
    await tom.admin('POST', `/content/${ARTICLE}/${ids['the-last-ferry']}/comments?locale=en`, {
      text: `@[${ADMIN.email}] The last paragraph could say when the ferry stops for good. Shall I ask the skipper?`,
    });
  });

  afterAll(() => {
    site.close();
    mails.stop();
  });

  async function fillRelease(): Promise<void> {
    release = (await anna.admin<{ id: number }>('POST', '/releases', { name: 'Winter issue' })).id;
    await change('letters-from-the-forest', {
      summary: 'A ranger writes to whoever loses something in the woods. More and more people write back.',
    });
    const items = [
      ['letters-from-the-forest', 'publish'],
      ['a-hut-without-a-road', 'unpublish'],
      ['a-desk-by-the-window', 'publish'],
    ].map(([slug = '', action]) => ({ contentType: ARTICLE, documentId: ids[slug], locale: 'en', action }));
    await anna.admin('POST', `/releases/${release}/items`, { items });
  }

  async function fillCalendar(): Promise<void> {
    const start = `${dayIn(7).slice(0, 7)}-01`;
    for (const [title, every, time] of [
      ['Newsletter', { rhythm: 'weekly', weekday: 'thursday' }, '08:00'],
      ['Editorial meeting', { rhythm: 'biweekly', weekday: 'tuesday' }, '10:00'],
      ['Photo of the month', { rhythm: 'monthly', weekday: 'friday', nth: 2 }, '12:00'],
    ] as const) {
      const rule = { title, every, start: `${start}T${time}`, zone: 'Europe/Amsterdam' };
      await stage.api.admin('POST', '/calendar/rules', rule);
    }
  }

  async function inviteReaders(): Promise<void> {
    const { data } = await stage.api.ask<{ roles: { id: number; type: string }[] }>(
      'GET',
      '/api/users-permissions/roles',
    );
    const role = data.roles.find(({ type }) => type === 'subscriber')?.id;
    const password = 'a paper boat on the pond';
    for (const { username, email, ...more } of READERS) {
      const blocked = 'blocked' in more;
      await stage.api.ask('POST', '/api/users', { username, email, password, role, confirmed: true, blocked });
      if ('signsIn' in more) await stage.api.ask('POST', '/api/auth/local', { identifier: email, password });
    }
    await anna.admin('POST', '/content-users', { username: 'Pieter Bos', email: 'pieter.bos@example.org' });
    stage.server.applySettings({
      roles: {
        public: { permissions: { [ARTICLE]: READ, 'api::author.author': READ, 'api::category.category': READ } },
      },
    });
  }

  test('home', async () => {
    const { page } = await stage.as(ADMIN, '/', WIDE);
    await takePicture(page, 'home');
  });

  test('list, wide and on a phone', async () => {
    const wide = await stage.as(ADMIN, `/content/${ARTICLE}`, WIDE);
    await wide.page.getByRole('link', { name: 'The last keeper' }).waitFor();
    await takePicture(wide.page, 'list');
    const phone = await stage.as(ADMIN, `/content/${ARTICLE}`, PHONE);
    await phone.page.getByRole('link', { name: 'The last keeper' }).waitFor();
    await takePicture(phone.page, 'list-phone');
  });

  test('editor, wide and on a phone', async () => {
    const wide = await stage.as(ADMIN, `/content/${ARTICLE}/${ids['the-last-keeper']}`, WIDE);
    await wide.page.getByRole('textbox', { name: 'Title' }).first().waitFor();
    await takePicture(wide.page, 'editor');
    // Else the next picture would show that somebody is here already.
    await wide.leave();
    const phone = await stage.as(ADMIN, `/content/${ARTICLE}/${ids['the-last-keeper']}`, PHONE);
    await phone.page.getByRole('textbox', { name: 'Title' }).first().waitFor();
    await takePicture(phone.page, 'editor-phone');
    await phone.leave();
  });

  test('live preview', async () => {
    const { page } = await stage.as(ADMIN, `/content/${ARTICLE}/${ids['the-last-keeper']}?preview=true`, WIDE);
    const shown = page.frameLocator('iframe[title="Preview"]');
    // Connected: marked texts can have the focus.
    await shown.locator('h1[tabindex="0"]').waitFor();
    await shown.getByText('For thirty years Ada Kuiper').click();
    await takePicture(page, 'live-preview');
  });

  test('builder, with the condition of a field', async () => {
    const { page } = await stage.as(ADMIN, `/content-types/${ARTICLE}`, WIDE);
    await page.locator('[data-field="recording"]').click();
    const condition = page.getByRole('dialog').getByRole('group', { name: 'Comparison 1' });
    await condition.scrollIntoViewIfNeeded();
    await takePicture(page, 'builder-conditions');
  });

  test('media library, and the details of a file', async () => {
    const { page } = await stage.as(ADMIN, '/media', WIDE);
    await page.getByRole('link', { name: /^lighthouse\.jpg/ }).waitFor();
    await takePicture(page, 'media');
    await page.getByRole('link', { name: /^lighthouse\.jpg/ }).click();
    await page.getByRole('dialog', { name: 'lighthouse.jpg' }).waitFor();
    await takePicture(page, 'media-details');
  });

  test('calendar', async () => {
    const { page } = await stage.as(ADMIN, `/calendar?mode=month&day=${dayIn(7)}`, WIDE);
    await page.getByText('Newsletter').first().waitFor();
    await takePicture(page, 'calendar');
  });

  test('release preview', async () => {
    const { page } = await stage.as(ADMIN, `/releases/${release}?view=preview`, WIDE);
    await page.getByRole('region', { name: 'Preview' }).locator('ins').first().waitFor();
    await takePicture(page, 'release-preview');
  });

  test('site users', async () => {
    const { page } = await stage.as(ADMIN, '/site-users', WIDE);
    await page.getByRole('link', { name: 'Noor Willems' }).waitFor();
    await takePicture(page, 'site-users');
  });

  test('reference of the API', async () => {
    const { page } = await stage.visitor(WIDE);
    await page.goto('/api/openapi.html');
    await page.getByLabel('API token').fill(TOKEN);
    await page.keyboard.press('Enter');
    const group = page
      .locator('.opblock-tag')
      .filter({ hasText: /^article/i })
      .first();
    await group.click();
    await page.locator('[data-path="/api/articles"]').first().waitFor();
    await takePicture(page, 'api-reference');
  });
});
