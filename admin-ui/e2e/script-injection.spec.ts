// @module-tag full
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, BERT, png, startStage, TOKENS, type Visitor, withAdmin } from './harness';

/** What somebody might type or send to run a script in another's browser. */
const EVIL = '"><img src=x onerror=window.broken=1><script>window.broken=1</script>';
const LINK = 'javascript:window.broken=1';
const UID = 'api::trap.trap';

/** Every kind of field that takes text, with a script in it. */
const VALUES = {
  title: `Title ${EVIL}`,
  slug: 'trap',
  text: EVIL,
  markdown: `${EVIL}\n\n[link](${LINK}) ![x](${LINK}) <a href="${LINK}">a</a> <svg onload=window.broken=1>`,
  blocks: [
    {
      type: 'paragraph',
      children: [
        { type: 'text', text: EVIL },
        {
          type: 'link',
          url: 'https://example.com/"onmouseover="window.broken=1',
          children: [{ type: 'text', text: EVIL }],
        },
      ],
    },
    { type: 'code', language: 'html', children: [{ type: 'text', text: EVIL }] },
  ],
  json: { [EVIL]: EVIL },
  mail: 'a@example.com',
};

const SCHEMA = {
  kind: 'collectionType',
  collectionName: 'traps',
  info: { singularName: 'trap', pluralName: 'traps', displayName: `Trap ${EVIL}`, description: EVIL },
  options: { draftAndPublish: true },
  attributes: {
    title: { type: 'string', required: true },
    slug: { type: 'uid', targetField: 'title' },
    text: { type: 'text', description: EVIL },
    markdown: { type: 'richtext' },
    blocks: { type: 'blocks' },
    json: { type: 'json' },
    mail: { type: 'email' },
    choice: { type: 'enumeration', enum: ['one', 'two'] },
    day: { type: 'date' },
    cover: { type: 'media', allowedTypes: ['images', 'files'] },
    related: { type: 'relation', relation: 'manyToMany', target: UID },
  },
};

describe('scripts in content, names and titles are shown as text', () => {
  const stage = startStage({
    settings: withAdmin(
      { ...TOKENS, adminRoles: { evil: { name: EVIL.slice(0, 99), description: EVIL, actions: [] } } },
      [{ ...BERT, firstName: EVIL.slice(0, 60), lastName: EVIL.slice(0, 60), roles: ['evil', 'editor'] }],
    ),
  });
  let id = '';
  let release = 0;
  let asset = '';
  let view = 0;

  beforeAll(async () => {
    await stage.api.admin('POST', '/content-types/apply', {
      contentTypes: { [UID]: SCHEMA },
      components: {},
      answers: {},
    });
    const file = await stage.api.upload(`${EVIL.replaceAll('/', '')}.png`, png(70));
    asset = file.documentId;
    const first = await stage.api.write(UID, { title: 'Earlier', choice: 'one' });
    const day = new Date().toISOString().slice(0, 10);
    id = await stage.api.write(UID, {
      ...VALUES,
      title: 'Before',
      choice: 'one',
      day,
      cover: file.id,
      related: [first],
    });
    await stage.api.admin('PUT', `/content/${UID}/${id}`, { data: { ...VALUES, text: `${EVIL} changed` } });
    const anna = await stage.api.as(ADMIN);
    await anna.admin('POST', `/content/${UID}/${id}/comments`, { text: `${EVIL} [x](${LINK})` });
    ({ id: release } = await stage.api.admin<{ id: number }>('POST', '/releases', { name: EVIL, note: EVIL }));
    await stage.api.admin('POST', `/releases/${release}/items`, {
      items: [{ contentType: UID, documentId: id, action: 'publish' }],
    });
    await stage.api.admin('POST', '/calendar/slots', {
      title: EVIL,
      when: { localTime: `${day}T10:00`, zone: 'Europe/Amsterdam' },
    });
    await stage.api.admin('POST', '/webhooks', {
      name: EVIL.slice(0, 99),
      url: 'https://example.com/x',
      events: ['entry.create'],
      headers: { 'X-Evil': EVIL },
    });
    await anna.admin('POST', '/api-tokens', { name: EVIL.slice(0, 60), type: 'read-only', description: EVIL });
    const definition = {
      kind: 'dashboard',
      label: EVIL,
      widgets: [{ id: 'one', label: EVIL, show: { kind: 'count', type: UID } }],
    };
    ({ id: view } = await anna.admin<{ id: number }>('POST', '/views', {
      type: UID,
      name: EVIL.slice(0, 60),
      shared: true,
      definition,
    }));
  });

  async function watched(): Promise<Visitor & { broken: () => Promise<string[]> }> {
    const visitor = await stage.as(ADMIN, '/');
    // What the policy refuses is told to the page; nothing should ever have to be refused.
    await visitor.context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        ((globalThis as unknown as { refused: string[] }).refused ??= []).push(
          `${event.violatedDirective} ${event.blockedURI}`,
        );
      });
    });
    visitor.page.on('dialog', (dialog) => visitor.troubles.push(`dialog: ${dialog.message()}`));
    const broken = async () => {
      const found = await visitor.page.evaluate(() => {
        const { broken: ran, refused = [] } = globalThis as unknown as { broken?: number; refused?: string[] };
        const markup = [
          ...document.querySelectorAll(
            'main script, main [onerror], main [onload], main a[href^="javascript:"], [role="dialog"] script, [role="dialog"] [onerror]',
          ),
        ];
        return [
          ...(ran === undefined ? [] : ['a script has run']),
          ...refused,
          ...markup.map((element) => element.outerHTML.slice(0, 200)),
        ];
      });
      return [...found, ...visitor.troubles];
    };
    return Object.assign(visitor, { broken });
  }

  /** Where something of it is shown, and the text by which it is known to be. */
  const places: [string, () => string][] = [
    ['the home page', () => '/'],
    ['the content', () => '/content'],
    ['the list', () => `/content/${UID}`],
    [
      'the list with all columns',
      () => `/content/${UID}?columns=["title","text","markdown","json","blocks","cover","related"]`,
    ],
    ['the board', () => `/content/${UID}?view=kanban&group=choice`],
    ['the calendar of entries', () => `/content/${UID}?view=calendar&date=day`],
    ['the gallery', () => `/content/${UID}?view=gallery&cover=cover`],
    ['the editor', () => `/content/${UID}/${id}`],
    ['the history', () => `/content/${UID}/${id}?panel=history`],
    ['the comments', () => `/content/${UID}/${id}?panel=comments`],
    ['the release', () => `/releases/${release}`],
    ['the releases', () => '/releases?view=board'],
    ['the calendar', () => '/calendar'],
    ['the media library', () => '/media'],
    ['a file', () => `/media?file=${asset}`],
    ['a view', () => `/views/${view}`],
    ['the builder', () => '/content-types'],
    ['a definition', () => `/content-types/${UID}`],
    ['the diagram', () => '/content-types/diagram'],
    ['the people', () => '/settings/users'],
    ['the roles', () => '/settings/roles'],
    ['a role', () => '/settings/roles/evil'],
    ['the webhooks', () => '/settings/webhooks'],
    ['the tokens', () => '/settings/api-tokens'],
    ['the events', () => '/settings/events'],
    ['the audit log', () => '/settings/audit'],
  ];

  test('on every page', async () => {
    const visitor = await watched();
    for (const [name, address] of places) {
      await visitor.open(address());
      await visitor.quiet();
      expect(await visitor.broken(), name).toEqual([]);
    }
  });

  test('in the list, the palette, comparisons, comments and the Markdown preview', async () => {
    const visitor = await watched();
    const { page } = visitor;
    await visitor.open(`/content/${UID}`);
    await page.getByRole('link', { name: VALUES.title }).first().waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search for a page, an entry or an action' }).fill('Title');
    await page.getByRole('option').filter({ hasText: VALUES.title }).first().waitFor();
    expect(await visitor.broken()).toEqual([]);

    await visitor.open(`/content/${UID}/${id}?panel=history`);
    await page.getByRole('button', { name: 'Compare with now' }).last().click();
    await waitForText(page, EVIL);
    expect(await visitor.broken()).toEqual([]);
    await page.keyboard.press('Escape');
    await visitor.open(`/content/${UID}/${id}?panel=comments`);
    await page.getByText(`${EVIL} [x](${LINK})`, { exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Preview' }).first().click();
    const preview = page.getByRole('tabpanel', { name: 'Preview' }).first();
    await preview.getByText('link', { exact: true }).waitFor();
    // Until its pictures have failed, which might run a script.
    await visitor.quiet();
    expect(await visitor.broken()).toEqual([]);
  });

  test('typed into every field of an entry', async () => {
    const visitor = await watched();
    const { page } = visitor;
    await visitor.open(`/content/${UID}/create`);
    for (const name of ['Title', 'Text', 'Markdown']) await page.getByRole('textbox', { name, exact: true }).fill(EVIL);
    await page.locator('[data-field="blocks"] [contenteditable="true"]').click();
    await page.keyboard.type(EVIL);
    await page.keyboard.press('Control+s');
    await page.locator('[data-save="saved"]').filter({ hasText: /\d/ }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: EVIL, level: 1 }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Markdown', exact: true }).inputValue()).toBe(EVIL);
    expect(await visitor.broken()).toEqual([]);
  });
});

async function waitForText(page: Page, text: string): Promise<void> {
  await page.getByRole('dialog').getByText(text.slice(0, 20), { exact: false }).first().waitFor();
}
