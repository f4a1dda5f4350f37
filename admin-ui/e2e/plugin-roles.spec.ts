// @module-tag full
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, startStage, TOKENS, type Visitor, withAdmin } from './harness';
import { extendLimit } from './harness/patience';
import { installPlugin } from './harness/plugins';

/** The folders of the applications. */
const FOLDERS = ['crm', 'esign', 'journey', 'knowledge-base'];

interface Role {
  actions: string[];
  permissions: Record<string, string[]>;
}

const ROLES = FOLDERS.flatMap((folder) => {
  const text = readFileSync(join(import.meta.dirname, '../../plugins', folder, 'roles.json'), 'utf8');
  return Object.entries((JSON.parse(text) as { adminRoles: Record<string, Role> }).adminRoles);
});

const accountOf = (code: string) => ({
  email: `${code}@example.com`,
  password: 'correct horse battery staple',
  firstName: code,
  roles: [code],
});

/** Requests that a visitor's pages were refused, each with the page that sent it. */
function watchRefusals({ page }: Visitor): string[] {
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.status() < 400) return;
    const at = new URL(page.url());
    const asked = new URL(response.url());
    refused.push(`${at.pathname}${at.search}: ${response.request().method()} ${asked.pathname} ${response.status()}`);
  });
  return refused;
}

/** Addresses of the admin that the page links to. */
async function linksOf(page: Page): Promise<string[]> {
  const links = await page
    .locator('a[href^="/admin"]')
    .evaluateAll((found) => found.map((link) => link.getAttribute('href') ?? ''));
  const paths = links.map((href) => href.replace('/admin', '').replace(/#.*/, '').replaceAll('%3A', ':'));
  return paths.filter((path) => path.startsWith('/'));
}

/** Name of a page among others of its kind: of many entries of a type, one is enough. */
function kindOf(path: string): string {
  const [address = ''] = path.split('?');
  return address.replace(/^(\/content\/[^/]+)\/(?!bin$|create$|with\/)[^/]+$/, '$1/$documentId');
}

describe('roles that come with the applications', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });

  beforeAll(async () => {
    for (const folder of FOLDERS) await installPlugin(await stage.as(ADMIN, '/plugins'), folder, 'plugins');
    stage.server.applySettings({
      adminRoles: Object.fromEntries(ROLES),
      adminUsers: ROLES.map(([code]) => accountOf(code)),
    });
    const inquiry = { name: 'Sanne de Vries', email: 'sanne@example.nl', phone: '06 12345678', message: 'Hoi' };
    await stage.api.ask('POST', '/api/crm/intake/bruiloft', inquiry);
    await stage.api.write('plugin::kb.article', { title: 'Opladen', slug: 'opladen', body: 'Met de stekker.' });
    await stage.api.write('plugin::journey.item', { title: 'Welkom', body: 'Bekijk de film.', kind: 'video' });
  }, extendLimit(240_000));

  test.each(ROLES)(
    '%s finds no refusal on any page that it is led to',
    async (code) => {
      const visitor = await stage.as(accountOf(code));
      const refused = watchRefusals(visitor);
      const { page } = visitor;
      const alerts: string[] = [];
      const seen = new Set(['/']);
      const open = ['/'];
      for (let path = open.shift(); path !== undefined; path = open.shift()) {
        await visitor.goOn(path);
        await visitor.quiet();
        for (const text of await page.locator('[role="alert"]:visible').allTextContents()) {
          // Of what somebody may read and not change, the form says so.
          if (text.trim() !== '' && !text.startsWith('You may read this'))
            alerts.push(`${path}: ${text.slice(0, 200)}`);
        }
        for (const link of await linksOf(page)) {
          if (seen.has(kindOf(link))) continue;
          seen.add(kindOf(link));
          open.push(link);
        }
      }
      // What the palette finds is asked of several places, each of which could refuse.
      await page.keyboard.press('ControlOrMeta+k');
      await page.getByRole('dialog').getByRole('combobox').fill('welkom');
      await visitor.quiet();
      expect(await page.getByRole('dialog').getByText('failed').count()).toBe(0);
      expect({ refused, alerts }).toEqual({ refused: [], alerts: [] });
    },
    extendLimit(180_000),
  );
});
