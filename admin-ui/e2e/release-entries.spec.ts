// @module-tag full
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, BERT, startStage, TOKENS, User, withAdmin } from './harness';
import { STORY, startStorySite } from './harness/storySite';

const NEWS = 'api::news.news';
const FAQ = 'api::faq.faq';

describe('entries are added on the page of a release', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(
      {
        ...TOKENS,
        locales: { default: 'en', available: ['en', 'nl'] },
        adminRoles: {
          planner: {
            name: 'Planner',
            actions: ['content-types.read', 'releases.read', 'releases.manage'],
            permissions: {
              [NEWS]: ['find', 'findOne', 'create', 'update', 'publish'],
              [FAQ]: ['find', 'findOne', 'update'],
            },
          },
        },
      },
      [{ ...BERT, roles: ['planner'] }],
    ),
  });

  const news = (title: string) =>
    stage.api.write(NEWS, { title, slug: title.toLowerCase().replaceAll(' ', '-'), body: title, topic: 'people' });
  const makeRelease = async (name: string): Promise<number> =>
    (await stage.api.admin<{ id: number }>('POST', '/releases', { name })).id;
  const itemsOf = async (release: number) =>
    (
      await stage.api.admin<{ documentId: string; locale: string | null; action: string }[]>(
        'GET',
        `/releases/${release}/items`,
      )
    ).map(({ documentId, locale, action }) => [documentId, locale, action]);

  test.each(['mouse', 'keyboard'] as const)(
    'several are found by title, language and state, and each is published or unpublished (%s)',
    async (way) => {
      const [draft, live, other] = [await news(`Harbour ${way}`), await news(`Quay ${way}`), await news(`Mill ${way}`)];
      await stage.api.admin('POST', `/content/${NEWS}/${live}/actions/publish`, {});
      await stage.api.admin('PUT', `/content/${NEWS}/${draft}?locale=nl`, {
        data: { title: `Haven ${way}`, slug: `haven-${way}`, body: 'Haven' },
      });
      const release = await makeRelease(`Spring ${way}`);
      await stage.api.admin('POST', `/releases/${release}/items`, {
        items: [{ contentType: NEWS, documentId: other, locale: 'en', action: 'publish' }],
      });
      const visitor = await stage.as(ADMIN, `/releases/${release}`);
      const { page } = visitor;
      const user = new User(page, way);
      await user.use(page.getByRole('button', { name: 'Add entries' }));
      const dialog = page.getByRole('dialog', { name: 'Add entries' });
      const search = dialog.getByLabel('Search by title');
      await expect.poll(() => search.evaluate((field) => document.activeElement === field)).toBe(true);
      await dialog.getByText('Select at least one entry').waitFor();
      // What is in the release already is marked, and cannot be chosen once more.
      await search.fill(way);
      const present = dialog.getByRole('listitem').filter({ hasText: `Mill ${way}` });
      await present.getByText('In this release: Publish').waitFor();
      expect(await present.getByRole('checkbox').isDisabled()).toBe(true);
      expect(await allViolations(page)).toEqual([]);

      await search.fill(`quay ${way}`);
      await dialog.getByText('1 entry found').waitFor();
      await user.use(dialog.getByRole('checkbox', { name: `Quay ${way}` }));
      const action = dialog.getByRole('radiogroup', { name: `What to do with Quay ${way}` });
      if (way === 'mouse') await action.getByText('Unpublish').click();
      else {
        await action.getByRole('radio', { name: 'Publish', exact: true }).focus();
        await page.keyboard.press('ArrowRight');
      }

      // What was chosen stays chosen while something else is looked for.
      await search.fill('');
      await dialog.getByRole('combobox', { name: 'Languages' }).click();
      await page.getByRole('option', { name: /Dutch/ }).click();
      await page.keyboard.press('Escape');
      await dialog.getByRole('combobox', { name: 'Status' }).click();
      await page.getByRole('option', { name: 'Draft' }).click();
      await page.keyboard.press('Escape');
      await user.use(dialog.getByRole('checkbox', { name: `Haven ${way}` }));
      await dialog.getByText('2 entries selected').waitFor();
      await visitor.picture(`release-add-${way}`);
      expect(await allViolations(page)).toEqual([]);
      await user.use(dialog.getByRole('button', { name: 'Add 2 entries' }));
      await dialog.waitFor({ state: 'detached' });
      await page.getByRole('link', { name: `Haven ${way}` }).waitFor();
      expect((await itemsOf(release)).toSorted()).toEqual(
        [
          [other, 'en', 'publish'],
          [live, 'en', 'unpublish'],
          [draft, 'nl', 'publish'],
        ].toSorted(),
      );
    },
  );

  test('whoever may not publish a type is told so, and is not offered its entries, in Dutch on a phone', async () => {
    await news('Open day');
    const release = await makeRelease('Summer');
    const visitor = await stage.as(BERT, `/releases/${release}`, {
      locale: 'nl-NL',
      viewport: { width: 390, height: 844 },
    });
    const { page } = visitor;
    // Bert may change the release, and not publish it.
    expect(await page.getByRole('button', { name: 'Nu publiceren' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Items toevoegen' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Items toevoegen' });
    await dialog.getByText('Je mag FAQ niet publiceren. Die items staan er daarom niet bij.').waitFor();
    await dialog.getByLabel('Zoeken op titel').fill('Open day');
    await dialog.getByRole('checkbox', { name: 'Open day' }).check();
    expect(await visitor.scrollsSideways()).toBe(false);
    expect(await allViolations(page)).toEqual([]);
    await dialog.getByRole('combobox', { name: 'Contenttypen' }).click();
    expect(await page.getByRole('option', { name: 'FAQ' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: '1 item toevoegen' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('list', { name: 'Items' }).getByRole('link', { name: 'Open day' }).waitFor();
    expect(await visitor.scrollsSideways()).toBe(false);
  });
});

const item = (documentId: string, action = 'publish') => ({ contentType: STORY, documentId, action });

describe('a release is previewed as a whole', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-e2e-types-'));
  let site: Server;
  const ids: Record<'changed' | 'first' | 'lacking' | 'offline' | 'linked', string> = {
    changed: '',
    first: '',
    lacking: '',
    offline: '',
    linked: '',
  };
  let release = 0;

  beforeAll(async () => {
    const attributes = {
      title: { type: 'string', required: true },
      body: { type: 'text', required: true },
      related: { type: 'relation', relation: 'manyToMany', target: STORY },
    };
    site = await startStorySite(folder, attributes, () => stage.server.base);
  });

  const stage = startStage({
    contentTypes: relative(join(import.meta.dirname, '../..'), folder),
    settings: withAdmin({ ...TOKENS, roles: { public: { permissions: { [STORY]: ['find', 'findOne'] } } } }),
  });

  beforeAll(async () => {
    const publish = (id: string) => stage.api.admin('POST', `/content/${STORY}/${id}/actions/publish`, {});
    ids.linked = await stage.api.write(STORY, { title: 'Not out yet', body: 'Later' });
    ids.offline = await stage.api.write(STORY, { title: 'Old story', body: 'Gone' });
    await publish(ids.offline);
    ids.changed = await stage.api.write(STORY, { title: 'The opening', body: 'We open on Monday' });
    await stage.api.admin('PUT', `/content/${STORY}/${ids.changed}`, {
      data: { related: { connect: [ids.offline] } },
    });
    await publish(ids.changed);
    await stage.api.admin('PUT', `/content/${STORY}/${ids.changed}`, {
      data: { body: 'We open on Tuesday', related: { connect: [ids.linked] } },
    });
    ids.first = await stage.api.write(STORY, { title: 'Brand new', body: 'Seen by nobody' });
    ids.lacking = await stage.api.write(STORY, { title: 'Without a body' });
    release = (await stage.api.admin<{ id: number }>('POST', '/releases', { name: 'Spring' })).id;
    await stage.api.admin('POST', `/releases/${release}/items`, {
      items: [item(ids.changed), item(ids.first), item(ids.lacking), item(ids.offline, 'unpublish')],
    });
  });

  afterAll(() => {
    site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('says of each entry what changes, what is missing and which links lead nowhere', async () => {
    const visitor = await stage.as(ADMIN, `/releases/${release}`);
    const { page } = visitor;
    await page.getByRole('radiogroup', { name: 'Show as' }).getByText('Preview', { exact: true }).click();
    const preview = page.getByRole('region', { name: 'Preview' });
    await preview.getByText('4 entries · 1 can’t be published yet · 1 link leads to an unpublished entry').waitFor();
    const card = (title: string) =>
      preview.locator('ul[data-items] > li').filter({ has: page.getByRole('link', { name: title, exact: true }) });

    const changed = card('The opening');
    await changed.getByText('Changes', { exact: true }).waitFor();
    await changed.locator('ins', { hasText: 'Tuesday' }).waitFor();
    await changed.locator('del', { hasText: 'Monday' }).waitFor();
    await changed.getByText('links to “Not out yet”, which isn’t published and isn’t in this release.').waitFor();
    const first = card('Brand new');
    await first.getByText('New for visitors').waitFor();
    await first.getByText('Seen by nobody').waitFor();
    await card('Without a body').getByText('Required to publish.').waitFor();
    const offline = card('Old story');
    await offline.getByText('Goes offline').waitFor();
    await offline.getByText('1 published entry still links to it:').waitFor();
    await visitor.picture('release-preview');
    expect(await allViolations(page)).toEqual([]);

    // A link of a field leads to the field; the way back leads to the preview.
    await changed.getByRole('link', { name: 'Body' }).click();
    await page.getByRole('heading', { name: 'The opening', level: 1 }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id ?? '')).toContain('body');
    await page.goBack();
    await changed.getByRole('button', { name: 'Add Not out yet to the release' }).click();
    await card('Not out yet').waitFor();
    await preview.getByText('5 entries · 1 can’t be published yet').waitFor();
  });

  test('fits a phone', async () => {
    const visitor = await stage.as(ADMIN, `/releases/${release}?view=preview`, {
      viewport: { width: 390, height: 844 },
    });
    await visitor.page.getByRole('region', { name: 'Preview' }).locator('ins', { hasText: 'Tuesday' }).waitFor();
    expect(await visitor.scrollsSideways()).toBe(false);
    expect(await allViolations(visitor.page)).toEqual([]);
  });

  test('opens the site as it will be at the time of a scheduled release, and publishes nothing', async () => {
    const later = (await stage.api.admin<{ id: number }>('POST', '/releases', { name: 'Autumn' })).id;
    await stage.api.admin('POST', `/releases/${later}/items`, {
      items: [item(ids.first, 'publish'), item(ids.offline, 'unpublish')],
    });
    const localTime = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 16);
    await stage.api.admin('POST', `/releases/${later}/actions/schedule`, { localTime, zone: 'UTC' });
    const { page, context } = await stage.as(ADMIN, `/releases/${later}?view=preview`);
    const opened = async (name: string) => {
      const tab = context.waitForEvent('page');
      await page.getByRole('button', { name }).click();
      return tab;
    };
    await (await opened('View on site: Brand new')).getByRole('heading', { name: '200 Brand new' }).waitFor();
    await (await opened('View on site: Old story')).getByRole('heading', { name: '404' }).waitFor();
    await (await opened('Preview site')).getByRole('heading', { name: '200 Brand new' }).waitFor();
    expect((await stage.api.ask('GET', `/api/stories/${ids.first}`)).status).toBe(404);
    expect((await stage.api.ask('GET', `/api/stories/${ids.offline}`)).status).toBe(200);
  });

  test('opens the site as it will be after an open release', async () => {
    const { page, context } = await stage.as(ADMIN, `/releases/${release}?view=preview`);
    const card = (title: string) =>
      page.locator('ul[data-items] > li').filter({ has: page.getByRole('link', { name: title, exact: true }) });
    const opened = async (title: string) => {
      const tab = context.waitForEvent('page');
      await card(title)
        .getByRole('button', { name: `View on site: ${title}` })
        .click();
      return tab;
    };
    await (await opened('Brand new')).getByRole('heading', { name: '200 Brand new' }).waitFor();
    await (await opened('Old story')).getByRole('heading', { name: '404' }).waitFor();
    // What cannot be published yet is not there; the rest is.
    await (await opened('Without a body')).getByRole('heading', { name: '404' }).waitFor();
    const tab = context.waitForEvent('page');
    await page.getByRole('button', { name: 'Preview site' }).click();
    await (await tab).getByRole('heading', { name: '200 The opening' }).waitFor();
    expect((await stage.api.ask('GET', `/api/stories/${ids.first}`)).status).toBe(404);
    expect((await stage.api.ask('GET', `/api/stories/${ids.offline}`)).status).toBe(200);
  });
});
