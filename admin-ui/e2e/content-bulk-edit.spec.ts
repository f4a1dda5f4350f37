// @module-tag full
// @module-tag postgresql
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, User, startStage, TOKENS, allViolations, withAdmin } from './harness';

const UID = 'api::news.news';
const ROWS = 2_000;

describe('2,000 entries are changed, the change is stopped half-way and undone', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(TOKENS),
    config: '[webhooks]\nallow_private = ["127.0.0.1"]\n',
  });
  /** What a webhook was told: the event, and of which entries. */
  const told: { event: string; documents: string[] }[] = [];
  const receiver = createServer((incoming, answer) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as {
        event: string;
        events?: { entry: { documentId: string } }[];
      };
      told.push({ event: body.event, documents: (body.events ?? []).map(({ entry }) => entry.documentId) });
      answer.end();
    });
  });

  beforeAll(async () => {
    let next = 0;
    const writer = async () => {
      for (let at = next++; at < ROWS; at = next++)
        await stage.api.write(UID, { title: `Row ${at}`, slug: `row-${at}`, body: 'x', topic: 'people' });
    };
    await Promise.all(Array.from({ length: 8 }, writer));
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    await stage.api.ask('POST', '/admin/api/webhooks', {
      name: 'search',
      url,
      events: ['entry.update', 'entry.batch'],
    });
  });

  afterAll(() => {
    receiver.close();
  });

  let runs = 0;

  const changed = async () => {
    const { meta } = await stage.api.ask(
      'GET',
      `/admin/api/content/${UID}?filters[topic][$eq]=models&pagination[pageSize]=1`,
    );
    return (meta.pagination as { total: number }).total;
  };

  test.each(['mouse', 'keyboard'] as const)('by %s', async (way) => {
    const { page } = await stage.as(ADMIN, `/content/${UID}`);
    const user = new User(page, way);
    const list = page.getByRole('grid', { name: 'News' });
    await page.getByRole('link', { name: /^Row/ }).first().waitFor();
    if (way === 'mouse') {
      await user.use(page.getByRole('checkbox', { name: /^Select (?!all$)/ }).first());
      await user.use(page.getByRole('button', { name: 'Select all 2,000' }));
    } else {
      await user.reach(list);
      await user.press('ControlOrMeta+a');
    }
    await page.getByRole('status').filter({ hasText: '2,000 selected' }).waitFor();
    await user.use(page.getByRole('button', { name: 'Edit a field' }));
    const dialog = page.getByRole('dialog', { name: /^Edit a field of 2,?000 entries/ });
    await user.write(dialog.getByRole('combobox', { name: 'Field' }), 'Topic');
    await user.use(page.getByRole('option', { name: 'Topic', exact: true }));
    await user.use(dialog.getByRole('combobox', { name: 'Topic' }));
    await user.use(page.getByRole('option', { name: 'models' }));
    expect(await allViolations(page)).toEqual([]);
    await user.use(dialog.getByRole('button', { name: /^Change 2,?000/ }));

    // It says how far it is.
    const progress = page.getByRole('progressbar', { name: 'Changing…' });
    await expect
      .poll(async () => Number(await progress.getAttribute('aria-valuenow')), { interval: 20 })
      .toBeGreaterThan(0);
    await user.use(page.getByRole('button', { name: 'Stop' }));
    const outcome = page.getByRole('main').getByRole('status').filter({ hasText: 'were left unchanged' });
    await outcome.waitFor();
    const [, done = '', left = ''] =
      /([\d,.]+) entries changed.*?([\d,.]+) were left/.exec((await outcome.textContent()) ?? '') ?? [];
    const [isDone, isLeft] = [done, left].map((number) => Number(number.replaceAll(/\D/g, '')));
    expect((isDone ?? 0) + (isLeft ?? 0)).toBe(ROWS);
    expect(isDone).toBeGreaterThan(0);
    expect(isLeft).toBeGreaterThan(0);
    // What is said is what is.
    expect(await changed()).toBe(isDone);
    await user.use(page.getByRole('button', { name: 'Undo' }));
    await page.getByRole('status').filter({ hasText: 'Undone' }).first().waitFor();
    expect(await changed()).toBe(0);

    // Whoever hears of it hears of one thing: a webhook once, with what was changed and changed back.
    await expect.poll(() => told.length).toBeGreaterThan(0);
    expect(told.map(({ event, documents }) => [event, new Set(documents).size])).toEqual([['entry.batch', isDone]]);
    told.length = 0;
    // And the audit log has one line of it, which opens.
    runs += 1;
    await page.goto(`${stage.server.base}/admin/settings/audit?action=document.updated`);
    const lines = page.getByRole('link', { name: /lines, in one action/ });
    await lines.first().waitFor();
    expect(await lines.count()).toBe(runs);
    expect(((await lines.first().textContent()) ?? '').replaceAll(/\D/g, '')).toBe(String(2 * (isDone ?? 0)));
    expect(await allViolations(page)).toEqual([]);
    await user.use(lines.first());
    await page.getByRole('link', { name: 'document.updated', exact: true }).nth(49).waitFor();
    expect(await lines.count()).toBe(0);
  });
});
