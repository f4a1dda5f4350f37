import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, test } from 'vitest';
import { ADMIN, startStage, TOKENS, withAdmin } from '../harness';
import { waitForValue } from '../harness/patience';
import { installPlugin } from '../harness/plugins';
import { foldContentTypes, PHONE, takePicture, WIDE } from './camera';
import { contractPdf } from './contractPdf';
import { ANNA, call, ENGLISH, findMailedPath, personHeaders, setPlugin } from './project';

const ENVELOPE = 'plugin::esign.envelope';
const KEY = join(import.meta.dirname, '../../../core/seals/tests/openssl/modern.p12');
const BUYER = { name: 'Marcus Lindqvist', email: 'marcus.lindqvist@example.org' };

/** A field on the page of the contract. */
const field = (recipient: string, type: string, x: number, y: number) => ({
  recipient,
  type,
  page: 1,
  x,
  y,
  width: 180,
  height: type === 'signature' ? 44 : 18,
});

/** Waits until the page of the contract is drawn; while the server is busy it refuses to, and the page is loaded again. */
async function waitForDrawnPage(page: Page): Promise<void> {
  const picture = page.getByRole('img', { name: 'Page 1 of 1' });
  await waitForValue(async () => {
    await picture.waitFor();
    const isDrawn = await picture.evaluate((image: HTMLImageElement) =>
      image.decode().then(
        () => true,
        () => false,
      ),
    );
    if (!isDrawn) await page.reload();
    return isDrawn || undefined;
  });
}

/** Writes a name with a pen, in curves. */
async function drawSignature(page: Page): Promise<void> {
  const canvas = page.getByRole('img', { name: 'Draw your signature' });
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  if (!box) throw new Error('there is nothing to draw on');
  await page.mouse.move(box.x + 40, box.y + 90);
  await page.mouse.down();
  for (let step = 0; step <= 90; step += 1) {
    const along = step / 90;
    const wave = Math.sin(along * 24) * 34 * (1 - along * 0.7);
    await page.mouse.move(box.x + 40 + along * 220 + Math.cos(along * 24) * 8, box.y + 72 - wave);
  }
  await page.mouse.up();
}

describe('a contract for a car', () => {
  const stage = startStage({ settings: withAdmin({ ...TOKENS, ...ENGLISH, adminUsers: [ANNA] }) });
  let envelope = '';
  let headers: Record<string, string> = {};

  beforeAll(async () => {
    const { api } = stage;
    await installPlugin(await stage.admin('/plugins'), 'esign', 'plugins');
    headers = await personHeaders(api);
    await setPlugin(api, 'esign', { companyName: 'Donkervoort', replyTo: 'sales@donkervoort.example', language: 'en' });
    await api.admin('PUT', '/seal-profiles/contracts', {
      pkcs12: readFileSync(KEY).toString('base64'),
      password: 'geheim',
    });
    const { id } = await api.upload('purchase-agreement-F22-0131.pdf', contractPdf(), 'application/pdf');
    envelope = await api.write(ENVELOPE, {
      title: 'Purchase agreement F22 – Marcus Lindqvist',
      message: 'Here is the agreement as we discussed it. Call me if anything is unclear.',
      document: id,
      language: 'en',
    });
    const sign = async (group: number, name: string, email: string) =>
      api.write('plugin::esign.recipient', { envelope: { set: [envelope] }, name, email, group, language: 'en' });
    const buyer = await sign(1, BUYER.name, BUYER.email);
    const seller = await sign(2, 'Anna de Vries', 'anna@example.com');
    const fields = [
      field(buyer, 'signature', 64, 512),
      field(buyer, 'date', 64, 562),
      field(seller, 'signature', 318, 512),
    ];
    // The pages of a document are counted a moment after it was chosen.
    await waitForValue(async () => ((await api.entry(ENVELOPE, envelope)).pageCount ? true : undefined));
    await call(api, `/api/esign/draft/${envelope}/fields`, { fields }, headers, 'PUT');
  });

  test('fields on the pages of a document', async () => {
    const { page } = await stage.as(ADMIN, `/plugins/esign/pages/envelopes?envelope=${envelope}`, WIDE);
    await page.getByRole('button', { name: 'Place fields on the pages' }).click();
    const frame = page.frameLocator('iframe').frameLocator('iframe');
    await frame.getByRole('img', { name: 'Page 1 of 1' }).waitFor();
    await frame.getByRole('button', { name: /^Signature · Marcus/ }).waitFor();
    await foldContentTypes(page);
    await takePicture(page, 'esign-fields');
  });

  test('signing on a phone, and on a computer', async () => {
    await call(stage.api, `/api/esign/send/${envelope}`, {}, headers);
    const path = await waitForValue(() => findMailedPath(stage.api, BUYER.email, /\/api\/esign\/s\/[\w-]{43}/));
    const { page } = await stage.visitor(PHONE);
    await page.goto(path);
    await page.getByRole('button', { name: 'I want to read and sign' }).click();
    await waitForDrawnPage(page);
    await drawSignature(page);
    await takePicture(page, 'esign-signing-phone');
    const wide = await stage.visitor(WIDE);
    await wide.page.goto(path);
    await waitForDrawnPage(wide.page);
    await takePicture(wide.page, 'esign-signing');
  });

  test('envelope', async () => {
    const { page } = await stage.as(ADMIN, `/plugins/esign/pages/envelopes?envelope=${envelope}`, WIDE);
    await page.getByText(/is intact/).waitFor();
    await foldContentTypes(page);
    await takePicture(page, 'esign-envelope');
  });
});
