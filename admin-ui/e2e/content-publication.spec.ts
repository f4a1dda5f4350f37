// @module-tag full
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, User, withAdmin } from './harness';
import { STORY, startStorySite } from './harness/storySite';

const toast = (page: Page, text: string) => page.getByRole('alert').filter({ hasText: text });
const status = (page: Page, name: string) => page.getByText(name, { exact: true }).first();

async function choose(user: User, item: string, menu = 'More actions'): Promise<void> {
  await user.use(user.page.getByRole('button', { name: menu }));
  await user.use(user.page.getByRole('menuitem', { name: item, exact: true }));
}

describe.each(['mouse', 'keyboard'] as const)('what is public, by %s', (way) => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-e2e-types-'));
  let site: Server;

  beforeAll(async () => {
    const attributes = {
      title: { type: 'string', required: true },
      note: { type: 'string', private: true },
      price: { type: 'decimal' },
      reader: { type: 'relation', relation: 'manyToOne', target: 'plugin::users-permissions.user' },
      related: { type: 'relation', relation: 'manyToMany', target: STORY },
    };
    site = await startStorySite(folder, attributes, () => stage.server.base);
  });

  const stage = startStage({
    contentTypes: relative(join(import.meta.dirname, '../..'), folder),
    settings: withAdmin(TOKENS),
  });

  afterAll(() => {
    site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Status of the answer to readers, and the title that they see. */
  const shown = async (id: string) => {
    const answer = await stage.api.ask<{ title?: string }>('GET', `/api/stories/${id}`);
    return answer.data.title ?? answer.status;
  };
  const publish = (id: string) => stage.api.admin('POST', `/content/${STORY}/${id}/actions/publish`, {});

  async function open(id: string) {
    const visitor = await stage.as(ADMIN, `/content/${STORY}/${id}`);
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    return { ...visitor, page: visitor.page, user: new User(visitor.page, way) };
  }
  /** Uses a button of a toast: by keyboard, one key leads there. */
  async function useToast(user: User, text: string, button: string): Promise<void> {
    const told = toast(user.page, text);
    await told.waitFor();
    if (way === 'keyboard') await user.press('F8');
    await user.use(told.getByRole('button', { name: button }));
  }
  test('a first publication is seen on the site, and Undo makes it a draft again', async () => {
    const id = await stage.api.write(STORY, { title: 'First' });
    const { page, user } = await open(id);
    await user.press('ControlOrMeta+Shift+p');
    await toast(page, 'Published').waitFor();
    expect(await allViolations(page)).toEqual([]);
    expect(await shown(id)).toBe('First');
    const opened = page.context().waitForEvent('page');
    await useToast(user, 'Published', 'View on site');
    const tab = await opened;
    await tab.getByRole('heading', { name: 'First' }).waitFor();
    await tab.close();
    await useToast(user, 'Published', 'Undo');
    await toast(page, 'Publication undone').waitFor();
    await status(page, 'Draft').waitFor();
    expect(await shown(id)).toBe(404);
  });

  test('Undo of a later publication shows readers what they saw before, and keeps the draft', async () => {
    const id = await stage.api.write(STORY, { title: 'Old' });
    await publish(id);
    await stage.api.admin('PUT', `/content/${STORY}/${id}`, { data: { title: 'New' } });
    const { page, user } = await open(id);
    await user.press('ControlOrMeta+Shift+p');
    await toast(page, 'Published').waitFor();
    expect(await shown(id)).toBe('New');
    await useToast(user, 'Published', 'Undo');
    await toast(page, 'Publication undone').waitFor();
    await expect.poll(() => shown(id)).toBe('Old');
    expect(await page.getByRole('textbox', { name: 'Title' }).inputValue()).toBe('New');
    await expect.poll(async () => (await stage.api.entry(STORY, id)).title).toBe('New');
    await page.getByRole('button', { name: 'What changed' }).waitFor();
  });

  test('Undo of unpublishing publishes what readers saw', async () => {
    const id = await stage.api.write(STORY, { title: 'Public' });
    await publish(id);
    await stage.api.admin('PUT', `/content/${STORY}/${id}`, { data: { title: 'Draft only' } });
    const { page, user } = await open(id);
    await choose(user, 'Unpublish', 'Publishing options');
    await toast(page, 'Unpublished').waitFor();
    expect(await shown(id)).toBe(404);
    await useToast(user, 'Unpublished', 'Undo');
    await toast(page, 'Published again').waitFor();
    expect(await shown(id)).toBe('Public');
    expect((await stage.api.entry(STORY, id)).title).toBe('Draft only');
  });

  test('the JSON is what the content API returns, and its address is copied', async () => {
    const related = await stage.api.write(STORY, { title: 'Related', note: 'Not for readers' });
    await publish(related);
    const roles = await stage.api.ask<{ roles: { id: number }[] }>('GET', '/api/users-permissions/roles');
    const reader = await stage.api.ask<{ documentId: string }>('POST', '/api/users', {
      username: 'petra',
      email: 'petra@example.com',
      password: 'Passw0rd!',
      role: roles.data.roles[0]?.id,
      confirmed: true,
    });
    expect(reader.status).toBe(201);
    const id = await stage.api.write(STORY, {
      title: 'Published one',
      note: 'Not for readers',
      price: '12345678901234567.5',
      reader: reader.data.documentId,
      related: [related],
    });
    await publish(id);
    await stage.api.admin('PUT', `/content/${STORY}/${id}`, { data: { title: 'Draft one' } });
    const { page, user } = await open(id);
    await choose(user, 'Copy API address');
    await toast(page, 'API address copied').waitFor();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    expect(await copied()).toBe(`${stage.server.base}/api/stories/${id}`);

    await choose(user, 'View JSON');
    const dialog = page.getByRole('dialog', { name: 'JSON from the API' });
    const json = dialog.getByRole('region', { name: 'JSON' });
    const response = async (which: string) => {
      const path = `/api/stories/${id}?status=${which}&populate=*`;
      await dialog.getByText(`GET ${stage.server.base}${path}`).waitFor();
      const { data, meta } = await stage.api.ask('GET', path);
      return { data, meta };
    };
    await json.getByText('"Published one"').waitFor();
    expect(await allViolations(page)).toEqual([]);
    expect(JSON.parse(await json.innerText())).toEqual(await response('published'));
    // A number of JavaScript has not as many digits.
    expect(await json.innerText()).toMatch(/"price": "?12345678901234567\.5/);
    if (way === 'mouse') await user.use(dialog.getByText('Draft', { exact: true }));
    else {
      await dialog.getByRole('button', { name: 'Close' }).first().focus();
      // Past the button: what is chosen has the focus, and arrows choose.
      await user.press('Tab', 'ArrowRight');
    }
    await json.getByText('"Draft one"').waitFor();
    expect(JSON.parse(await json.innerText())).toEqual(await response('draft'));
    await user.use(dialog.getByRole('button', { name: 'Copy JSON' }));
    expect(JSON.parse(await copied())).toEqual(await response('draft'));
  });
});
