import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';
import { STORY, startStorySite } from './harness/storySite';

const DAY = 86_400_000;

/** A moment as fields of the page want it, which is in UTC. */
const localTime = (at: number) => new Date(at).toISOString().slice(0, 16);

describe('a preview as somebody else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-e2e-types-'));
  let site: Server;
  let entry: string;
  /** Petra's document. */
  let reader: string;

  beforeAll(async () => {
    const attributes = {
      title: { type: 'string', required: true },
      reader: { type: 'relation', relation: 'manyToOne', target: 'plugin::users-permissions.user' },
    };
    site = await startStorySite(folder, attributes, () => stage.server.base);
  });

  const stage = startStage({
    contentTypes: relative(join(import.meta.dirname, '../..'), folder),
    settings: withAdmin({
      ...TOKENS,
      roles: { authenticated: { permissions: { [STORY]: ['find', 'findOne'] } } },
    }),
  });

  beforeAll(async () => {
    const roles = await stage.api.ask<{ roles: { id: number; type: string }[] }>('GET', '/api/users-permissions/roles');
    const role = roles.data.roles.find(({ type }) => type === 'authenticated')?.id;
    const petra = {
      username: 'petra',
      email: 'petra@example.com',
      password: 'Passw0rd!',
      role,
      confirmed: true,
      emailVerified: true,
    };
    const made = await stage.api.ask<{ documentId: string }>('POST', '/api/users', petra);
    expect(made.status).toBe(201);
    reader = made.data.documentId;
    entry = await stage.api.write(STORY, { title: 'The opening', reader });
    await stage.api.admin('POST', '/schedules', {
      contentType: STORY,
      documentId: entry,
      action: 'publish',
      localTime: localTime(Date.now() + 2 * DAY),
      zone: 'UTC',
    });
  });

  afterAll(() => {
    site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('shows what a member gets once it is published, what the public gets, and the draft again', async () => {
    const visitor = await stage.as(ADMIN, `/content/${STORY}/${entry}`, { timezoneId: 'UTC' });
    const { page } = visitor;
    await page.getByRole('button', { name: 'Preview beside the editor' }).click();
    const shown = page.frameLocator('iframe[title="Preview"]');
    await shown.getByRole('heading', { name: '200 The opening' }).waitFor();

    const bar = page.getByRole('group', { name: 'See as' });
    const choose = async (name: string, typed: string) => {
      await bar.getByRole('combobox', { name: 'See as' }).fill(typed);
      await page.getByRole('option', { name }).click();
    };
    await choose('petra', 'pet');
    await bar.getByRole('button', { name: 'Show' }).click();
    await bar.getByText('The site as petra sees it now.').waitFor();
    await shown.getByRole('heading', { name: '404' }).waitFor();

    await bar.getByLabel('Date and time (empty: now)').fill(localTime(Date.now() + 3 * DAY));
    await bar.getByRole('button', { name: 'Show' }).click();
    await shown.getByRole('heading', { name: '200 The opening' }).waitFor();
    await bar.getByText(/^The site as petra will see it at/).waitFor();
    await visitor.picture('see-as');
    expect(await allViolations(page)).toEqual([]);

    await choose('A visitor who is not signed in', 'visitor');
    await bar.getByRole('button', { name: 'Show' }).click();
    await shown.getByRole('heading', { name: '403' }).waitFor();

    // What was cannot be shown; what is to be done about it is said.
    await bar.getByLabel('Date and time (empty: now)').fill(localTime(Date.now() - DAY));
    await bar.getByRole('button', { name: 'Show' }).click();
    await page.getByText('choose a time from now on').first().waitFor();

    await bar.getByRole('button', { name: 'Stop' }).click();
    await shown.getByRole('heading', { name: '200 The opening' }).waitFor();
    // Nothing was published by looking.
    expect((await stage.api.ask('GET', `/api/stories/${entry}`)).status).toBe(404);
  });

  test('begins at the page of a user, with what is theirs', async () => {
    const visitor = await stage.as(ADMIN, `/site-users/${reader}`);
    const { page } = visitor;
    const pages = page.getByRole('region', { name: 'See as this user' });
    await pages.getByRole('link', { name: 'Story: The opening' }).click();
    const bar = page.getByRole('group', { name: 'See as' });
    await bar.getByText('The site as petra sees it now.').waitFor();
    await page.frameLocator('iframe[title="Preview"]').getByRole('heading', { name: '404' }).waitFor();
    expect(await bar.getByRole('combobox', { name: 'See as' }).inputValue()).toBe('petra');
    await bar.getByRole('button', { name: 'Stop' }).click();
    await page.frameLocator('iframe[title="Preview"]').getByRole('heading', { name: '200 The opening' }).waitFor();
  });
});
