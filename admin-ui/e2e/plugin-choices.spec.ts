// @module-tag full
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Visitor } from './harness/browser';
import { describe, expect, test } from 'vitest';
import { allViolations, startStage, withAdmin } from './harness';
import { installPlugin } from './harness/plugins';

/** Lets the guest with a read policy work on content types of the project. */
function addChoice(folder: string): void {
  const manifest = join(folder, 'plugin.toml');
  const text = readFileSync(manifest, 'utf8').replace(
    '"plugin::policy.trap"]',
    '"plugin::policy.trap", "choice:pages"]',
  );
  const choice = [
    '[[choice]]',
    'name = "pages"',
    'kind = "content-types"',
    'title = "Pages"',
    'needs = ["title:string"]',
    '[[grant]]',
    'use = "data.read"',
    'types = ["choice:pages"]',
  ];
  writeFileSync(manifest, `${text}\n${choice.join('\n')}\n`);
}

/** Looks at the page at both widths, in light and dark. */
async function look(visitor: Visitor, name: string): Promise<void> {
  const { page } = visitor;
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await visitor.quiet();
      await visitor.picture(`choices-${name}-${width}-${colorScheme}`);
    }
    expect(await visitor.scrollsSideways(), `${name} at ${width} px`).toBe(false);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'light' });
}

describe('choices of a plugin', () => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin() });

  test('content types are chosen with the installation and changed later', async () => {
    const visitor = await stage.admin('/plugins');
    const { page } = visitor;
    await installPlugin(visitor, 'policy', 'plugins/guests', {
      change: addChoice,
      look: async (dialog) => {
        const news = dialog.getByRole('checkbox', { name: /api::news\.news/ });
        await dialog.getByText('Nothing chosen: this part of the plugin does nothing.').waitFor();
        await news.check();
        await dialog.getByText('Decides who sees which documents of api::news.news').waitFor();
        await dialog.getByText(/content types? can’t be chosen/).click();
        await dialog.getByText('has no attribute title').first().waitFor();
        await look(visitor, 'install');
        expect(await allViolations(page)).toEqual([]);
      },
    });
    await page.getByRole('tab', { name: 'Permissions' }).click();
    const section = page.getByRole('group', { name: 'Pages' });
    await section.getByRole('checkbox', { name: /api::news\.news/ }).uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Documents become visible').waitFor();
    await look(visitor, 'opened');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await section.getByRole('checkbox', { name: /api::news\.news/ }).check();
    const other = section.getByRole('checkbox', { checked: false, disabled: false }).first();
    await other.check();
    await page.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('With this choice the plugin does more:').waitFor();
    await look(visitor, 'widened');
    expect(await allViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Agree and save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await look(visitor, 'rights');
    expect(await allViolations(page)).toEqual([]);

    const dutch = await stage.admin('/plugins/policy?tab=grants', { locale: 'nl-NL' });
    await dutch.page.getByRole('heading', { name: 'Werkt met' }).waitFor();
    await look(dutch, 'rights-nl');
    expect(await allViolations(dutch.page)).toEqual([]);
  });
});
