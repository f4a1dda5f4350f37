// @module-tag esign
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';
import { waitForValue } from './harness/patience';
import { onePagePdf } from './harness/pdf';
import { installPlugin } from './harness/plugins';
import { isDrawnInInter } from './harness/typeface';

const ROOT = join(import.meta.dirname, '../..');
const ENVELOPE = 'plugin::esign.envelope';
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

/** A PDF with a line of text. */
const contract = () => onePagePdf('BT /F 14 Tf 72 760 Td (The contract) Tj ET');

describe('a contract, from its draft to the sealed document', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });
  let envelope = '';

  /** The path of the newest link that was mailed. */
  const mailedLink = () =>
    waitForValue(async () => {
      for (const { id } of await stage.api.admin<{ id: number }[]>('GET', '/mails?to=ann@example.com')) {
        const { text = '' } = await stage.api.admin<{ text?: string }>('GET', `/mails/${id}`);
        const link = /\/api\/esign\/s\/[\w-]{43}/.exec(text);
        if (link) return link[0];
      }
      return undefined;
    });

  beforeAll(async () => {
    await installPlugin(await stage.admin('/plugins'), 'esign', 'plugins');
    const file = readFileSync(join(ROOT, 'core/seals/tests/openssl/modern.p12')).toString('base64');
    await stage.api.admin('PUT', '/seal-profiles/contracts', { pkcs12: file, password: 'geheim' });
    const { id } = await stage.api.upload('contract.pdf', contract(), 'application/pdf');
    envelope = await stage.api.write(ENVELOPE, { title: 'Sales contract', document: id, language: 'nl' });
    const ann = { envelope: { set: [envelope] }, name: 'Ann Jansen', email: 'ann@example.com', language: 'nl' };
    await stage.api.write('plugin::esign.recipient', ann);
  });

  test('a field is placed on a page and the envelope is sent', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/esign/pages/envelopes?tab=drafts', {
      viewport: { width: 1440, height: 900 },
    });
    const { page } = visitor;
    await page.getByRole('tab', { name: 'Drafts' }).click();
    await page.getByRole('row', { name: /Sales contract/ }).waitFor();
    await visitor.picture('esign-envelopes');
    expect(await allViolations(page)).toEqual([]);

    await visitor.goOn(`/plugins/esign/pages/envelopes?envelope=${envelope}`);
    await page.getByRole('heading', { name: 'Sales contract' }).waitFor();
    await visitor.picture('esign-draft');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Place fields on the pages' }).click();

    const frame = page.frameLocator('iframe').frameLocator('iframe');
    await frame.getByRole('img', { name: 'Page 1 of 1' }).waitFor();
    await frame.getByRole('button', { name: 'Add field' }).click();
    const field = frame.getByRole('button', { name: /^Signature · Ann Jansen/ });
    // With the keys, and with the mouse.
    await field.press('ArrowRight');
    await field.press('ArrowDown');
    await expect.poll(() => frame.getByLabel('Left').inputValue()).toBe('64');
    const box = await field.boundingBox();
    if (!box) throw new Error('the field is not on the page');
    await page.mouse.move(box.x + 20, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, box.y + 110, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => Number(await frame.getByLabel('Left').inputValue())).toBeGreaterThan(70);
    await visitor.picture('esign-place');
    expect(await allViolations(page)).toEqual([]);
    await frame.getByRole('button', { name: 'Save fields' }).click();
    await page.getByText('Fields saved').first().waitFor();
    await frame.getByRole('button', { name: 'Back to the envelope' }).click();

    await page.getByText('1 field on the pages').waitFor();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('Sent: the first signers get their links').first().waitFor();
    await page.getByText(/is intact/).waitFor();
    await visitor.picture('esign-sent');
    expect(await allViolations(page)).toEqual([]);
  });

  test('the customer draws a signature on a phone', async () => {
    const visitor = await stage.visitor({ ...PHONE, colorScheme: 'dark' });
    const { page } = visitor;
    await page.goto(await mailedLink());
    await page.getByRole('heading', { name: 'Sales contract' }).waitFor();
    await visitor.picture('esign-invited');
    expect(await isDrawnInInter(page)).toBe(true);
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Ik wil lezen en tekenen' }).click();

    await page.getByRole('heading', { name: 'Ondertekenen' }).waitFor();
    const picture = page.getByRole('img', { name: 'Pagina 1 van 1' });
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1000);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const canvas = page.getByRole('img', { name: 'Teken je handtekening' });
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (!box) throw new Error('there is nothing to draw on');
    await page.mouse.move(box.x + 30, box.y + 70);
    await page.mouse.down();
    for (const [x, y] of [
      [80, 20],
      [120, 90],
      [180, 30],
      [260, 80],
    ] as const) {
      await page.mouse.move(box.x + x, box.y + y, { steps: 6 });
    }
    await page.mouse.up();
    await page.getByRole('checkbox', { name: /Ik heb het document gelezen/ }).check();
    await visitor.picture('esign-signing');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Document ondertekenen' }).dblclick();
    await page.getByText(/Je hebt getekend op|Iedereen heeft getekend/).waitFor();
    await visitor.picture('esign-signed');
    expect(await allViolations(page)).toEqual([]);
  });

  test('the document is sealed, and the admin shows it', async () => {
    await waitForValue(async () =>
      (await stage.api.entry(ENVELOPE, envelope)).status === 'completed' ? true : undefined,
    );
    const visitor = await stage.as(ADMIN, `/plugins/esign/pages/envelopes?envelope=${envelope}`);
    const { page } = visitor;
    await page.getByText('Everybody has the sealed document').first().waitFor();
    await page.getByText(/The chain of 5 events is intact/).waitFor();
    await visitor.picture('esign-completed');
    expect(await allViolations(page)).toEqual([]);
  });
});
