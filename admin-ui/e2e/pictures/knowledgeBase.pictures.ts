import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, test } from 'vitest';
import { ADMIN, startStage, TOKENS, withAdmin } from '../harness';
import { installPlugin } from '../harness/plugins';
import { foldContentTypes, PHONE, takePicture, WIDE } from './camera';
import { ANNA, call, ENGLISH, rename, setPlugin } from './project';

const ARTICLE = 'plugin::kb.article';
const ARTICLES = join(import.meta.dirname, '../../../examples/donkervoort/articles.en.json');
/** Which heading an article of the samples stands below. */
const SECTIONS: Record<string, string[]> = {
  'Your order': ['Paying for your car in parts', 'Until when can I change my configuration?'],
  'Your car': ['How your car is built', 'Driving in the first 1,000 kilometres'],
  'Your account': ['Signing in to your portal'],
};

describe('the help centre of a maker of sports cars', () => {
  // Visitors come through a proxy, each from an address of their own.
  const config = '[server]\ntrusted_proxies = ["127.0.0.1"]\n';
  const stage = startStage({ config, settings: withAdmin({ ...TOKENS, ...ENGLISH, adminUsers: [ANNA] }) });
  let article = '';

  beforeAll(async () => {
    const { api } = stage;
    await installPlugin(await stage.admin('/plugins'), 'knowledge-base', 'plugins');
    await setPlugin(api, 'kb', {
      supportAddress: 'help@donkervoort.example',
      siteName: 'Donkervoort Help',
      defaultLanguage: 'en',
      accentColour: '#a3360f',
    });
    await rename(api, 'plugin::kb.space', 'key', { help: { title: 'Donkervoort Help', defaultLanguage: 'en' } });
    const [space] = await api.admin<{ documentId: string }[]>('GET', '/content/plugin::kb.space');
    const sections: Record<string, string> = {};
    for (const [order, title] of Object.keys(SECTIONS).entries())
      sections[title] = await api.write('plugin::kb.section', { title, order, space: { set: [space?.documentId] } });
    for (const { data } of JSON.parse(readFileSync(ARTICLES, 'utf8')) as { data: { title: string } }[]) {
      const heading = Object.keys(SECTIONS).find((title) => SECTIONS[title]?.includes(data.title)) ?? '';
      const made = await call<{ documentId: string }>(api, '/api/kb/articles', {
        data: { ...data, space: { set: [space?.documentId] }, section: { set: [sections[heading]] } },
      });
      if (data.title === 'How your car is built') article = made.documentId;
    }
    // Three visitors each, so that the report counts them.
    for (const words of ['winter tyres', 'track day', 'insurance', 'second driver'])
      for (const visitor of [1, 2, 3, 4])
        await fetch(`${stage.server.base}/api/kb/search?q=${encodeURIComponent(words)}&locale=en`, {
          headers: { 'x-forwarded-for': `192.0.2.${visitor}` },
        });
  });

  test('editor of an article', async () => {
    const { page } = await stage.as(ADMIN, `/content/${ARTICLE}/${article}`, WIDE);
    await page.getByRole('heading', { name: 'How your car is built' }).first().waitFor();
    await foldContentTypes(page);
    await takePicture(page, 'kb-article');
  });

  test('help centre and an article, as a visitor sees them', async () => {
    const { page } = await stage.visitor(WIDE);
    await page.goto('/api/kb/help');
    await page.getByRole('link', { name: 'How your car is built' }).first().waitFor();
    await takePicture(page, 'kb-help');
    const phone = await stage.visitor(PHONE);
    await phone.page.goto('/api/kb/help');
    await phone.page.getByRole('link', { name: 'How your car is built' }).first().click();
    await phone.page.getByRole('heading', { name: 'How your car is built' }).waitFor();
    await takePicture(phone.page, 'kb-help-phone');
  });

  test('report', async () => {
    const { page } = await stage.as(ADMIN, '/plugins/kb/pages/report', WIDE);
    await page
      .getByRole('row', { name: /winter tyres/ })
      .first()
      .waitFor();
    await foldContentTypes(page);
    await takePicture(page, 'kb-report');
  });
});
