import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allViolations, BERT, startStage, TOKENS, withAdmin } from './harness';
import { installPlugin } from './harness/plugins';

const UID = 'api::news.news';

/** Has the guest check changes of news. */
function checkNews(folder: string): void {
  const manifest = join(folder, 'plugin.toml');
  const own = '"plugin::allow.checked:update"]';
  const grant = `[[grant]]\nuse = "data.read"\ntypes = ["${UID}"]\nreason = "t:grant.kv"\n`;
  writeFileSync(manifest, `${readFileSync(manifest, 'utf8').replace(own, `"${UID}:update", ${own}`)}\n${grant}`);
}

describe('content that a plugin checks, while it is switched off', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(TOKENS, [{ ...BERT, roles: ['editor'] }]),
  });

  test('is not saved, which the editor says; who may can save it without the checks', async () => {
    const visitor = await stage.admin('/plugins');
    const { page } = visitor;
    await installPlugin(visitor, 'allow', 'plugins/guests', { change: checkNews });
    const id = await stage.api.write(UID, { title: 'Open day', slug: 'open-day', body: 'First.', topic: 'people' });
    await page.getByRole('button', { name: 'Manage' }).click();
    await page.getByRole('menuitem', { name: 'Switch off' }).click();
    await page
      .getByText(/Allow is switched off/)
      .first()
      .waitFor();

    // Whoever may not do without the checks is told, and what they type stays on this device.
    const bert = await stage.as(BERT, `/content/${UID}/${id}`, { locale: 'nl-NL' });
    const told = bert.page.getByRole('alert').filter({ hasText: 'De plug-in Allow staat uit' });
    await told.waitFor();
    expect(await told.getByRole('button').count()).toBe(0);
    await bert.page.getByRole('textbox', { name: 'Body' }).fill('Second.');
    await bert.page.locator('[data-save="refused"]').waitFor();
    await bert.page.getByText('Niet opgeslagen: een plug-in die dit controleert, draait niet').waitFor();
    expect(await stage.api.entry(UID, id)).toMatchObject({ body: 'First.' });
    await bert.picture('plugin-missing-nl');
    expect(await allViolations(bert.page)).toEqual([]);

    // Nobody else is in the field.
    await bert.page.close();
    await visitor.goOn(`/content/${UID}/${id}`);
    const alert = page.getByRole('alert').filter({ hasText: 'The plugin Allow is switched off' });
    await alert.getByRole('button', { name: 'Work without its checks' }).click();
    await alert.getByText(/until you reload this page/).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await visitor.picture('plugin-missing');
    await page.getByRole('textbox', { name: 'Body' }).fill('Third.');
    await page.locator('[data-save="saved"]').filter({ hasText: /\d/ }).waitFor();
    expect(await stage.api.entry(UID, id)).toMatchObject({ body: 'Third.' });
    await alert.getByRole('link', { name: 'Go to Allow' }).click();
    await page.getByRole('heading', { level: 1, name: 'Allow' }).waitFor();
    await page.getByRole('button', { name: 'Manage' }).click();
    await page.getByRole('menuitem', { name: 'Switch on' }).click();
    await page
      .getByText(/Allow is switched on/)
      .first()
      .waitFor();
    await visitor.goOn(`/content/${UID}/${id}`);
    await page.getByRole('textbox', { name: 'Body' }).waitFor();
    expect(await page.getByRole('alert').filter({ hasText: 'The plugin Allow' }).count()).toBe(0);
  });
});
