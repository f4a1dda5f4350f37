// @module-tag kb
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';
import { installPlugin } from './harness/plugins';
import { isDrawnInInter } from './harness/typeface';

describe('a customer finds what an editor has published', () => {
  // Visitors come through a proxy, each from an address of their own.
  const config = '[server]\ntrusted_proxies = ["127.0.0.1"]\n';
  const stage = startStage({ settings: withAdmin(TOKENS), config });

  beforeAll(async () => {
    await installPlugin(await stage.admin('/plugins'), 'knowledge-base', 'plugins');
  });

  test('the editor writes and publishes an article', async () => {
    const visitor = await stage.as(ADMIN, '/content/plugin::kb.article');
    const { page } = visitor;
    await page.getByRole('link', { name: 'New entry' }).first().click();
    await page.getByRole('textbox', { name: 'title', exact: false }).first().fill('Aanbetaling van je bruiloft');
    await page
      .getByRole('textbox', { name: /^Text/ })
      .first()
      .fill('Je betaalt **25%** vooraf.\n\n# Wanneer\n\nx\n\n# Hoe\n\ny\n\n## Met iDEAL\n\nz');
    await visitor.picture('kb-article');
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByText('Published').first().waitFor();
  });

  test('the customer finds it with a typing error, reads it and votes', async () => {
    const visitor = await stage.visitor({ locale: 'nl-NL' });
    const { page } = visitor;
    await page.goto(`${stage.server.base}/api/kb/help`);
    expect(await isDrawnInInter(page)).toBe(true);
    await page.getByRole('searchbox').fill('aanbtaling');
    await page.getByRole('searchbox').press('Enter');
    const hit = page.getByRole('link', { name: 'Aanbetaling van je bruiloft' });
    await hit.waitFor();
    expect(await page.locator('mark').first().textContent()).toMatch(/aanbetaling/i);
    await visitor.picture('kb-help');
    expect(await allViolations(page)).toEqual([]);
    await hit.click();
    await page.getByRole('heading', { name: 'Aanbetaling van je bruiloft' }).waitFor();
    await page.getByRole('navigation', { name: 'Kruimelpad' }).getByRole('link', { name: 'Helpcentrum' }).waitFor();
    await page.getByRole('navigation', { name: 'Op deze pagina' }).getByRole('link', { name: 'Met iDEAL' }).click();
    expect(new URL(page.url()).hash).toBe('#s-met-ideal');
    await visitor.picture('kb-help-article');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Ja' }).click();
    await page.getByText('Dank je wel').first().waitFor();
  });

  test('a search in vain of three visitors is in the report', async () => {
    const customer = await stage.visitor({ locale: 'nl-NL' });
    await customer.page.goto(`${stage.server.base}/api/kb/help?q=aanbetaalplan`);
    await customer.page.getByRole('heading', { name: 'Misschien zoek je dit' }).waitFor();
    await customer.page.getByRole('link', { name: 'Aanbetaling van je bruiloft' }).waitFor();
    await customer.picture('kb-help-nearest');
    expect(await allViolations(customer.page)).toEqual([]);
    await customer.page.goto(`${stage.server.base}/api/kb/help?q=zonnepanelen`);
    await customer.page.getByRole('searchbox').waitFor();
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
      const headers = { 'x-forwarded-for': address };
      await fetch(`${stage.server.base}/api/kb/search?q=zonnepanelen&locale=nl`, { headers });
    }
    const visitor = await stage.as(ADMIN, '/plugins/kb/pages/report');
    await visitor.page
      .getByRole('row', { name: /zonnepanelen/ })
      .first()
      .waitFor();
    await visitor.picture('kb-report');
    expect(await allViolations(visitor.page)).toEqual([]);
  });
});
