// @module-tag full
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Api, ADMIN, startStage, TOKENS, allViolations, withAdmin } from './harness';
import { extendLimit } from './harness/patience';
import { installPlugin } from './harness/plugins';

const EVENT = 'plugin::bookings.event';

/** A colour that is typed as a name, and what the frame was told. */
const SCRIPT = `cairn.ready.then(async () => {
  const input = document.querySelector('input');
  const told = document.querySelector('output');
  const show = (field) => {
    input.setAttribute('aria-label', field.label);
    if (input.value !== (field.value ?? '')) input.value = field.value ?? '';
    input.disabled = field.readOnly;
    told.textContent = JSON.stringify(field);
  };
  input.addEventListener('input', () => cairn.field.set(input.value === '' ? null : input.value));
  document.querySelector('button').addEventListener('click', async () => {
    told.textContent = await cairn.field.set({ not: 'a text' }).catch((error) => error.code);
  });
  cairn.field.watch(show);
  show(await cairn.field.get());
  cairn.resize();
});`;

/** Events with a colour that a frame draws, one that a frame draws which never starts, and one of a plugin that is not here. */
function withColours(folder: string): void {
  for (const [name, page] of [
    ['colour', 'index'],
    ['silent', 'silent'],
  ]) {
    appendFileSync(
      join(folder, 'plugin.toml'),
      `\n[[admin.view]]\nname = "${name}"\nkind = "field"\ntitle = "Colour picker"\nframe = "admin/colour/${page}.html"\n`,
    );
  }
  const type = join(folder, 'content-types/event/schema.json');
  const schema = JSON.parse(readFileSync(type, 'utf8')) as { attributes: Record<string, unknown> };
  schema.attributes.colour = { type: 'string', maxLength: 10, customField: 'plugin::bookings.colour' };
  schema.attributes.shade = { type: 'string', customField: 'plugin::bookings.silent' };
  schema.attributes.tint = { type: 'string', customField: 'plugin::painter.tint' };
  writeFileSync(type, JSON.stringify(schema));
  const admin = join(folder, 'admin/colour');
  mkdirSync(admin, { recursive: true });
  writeFileSync(
    join(admin, 'index.html'),
    '<!doctype html><html lang="en"><title>Colour</title><body><input> <button>Break it</button> <output></output><script src="cairn-kit.js"></script><script src="colour.js"></script></body></html>',
  );
  writeFileSync(
    join(admin, 'silent.html'),
    '<!doctype html><html lang="en"><title>Silent</title><body><p>Nothing works here</p></body></html>',
  );
  writeFileSync(join(admin, 'colour.js'), SCRIPT);
  copyFileSync(join(import.meta.dirname, '../../plugins/kit/cairn-kit.js'), join(admin, 'cairn-kit.js'));
}

const frameOf = (page: Page, label: string): FrameLocator =>
  page
    .getByRole('group', { name: new RegExp(`^${label}`) })
    .frameLocator('iframe')
    .frameLocator('iframe');

describe('fields rendered by a plugin', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });
  let documentId: string;
  let anna: Api;

  beforeAll(async () => {
    const visitor = await stage.admin('/plugins');
    await installPlugin(visitor, 'bookings', 'examples/plugins', { change: withColours });
    await visitor.leave();
    anna = await stage.api.as(ADMIN);
    documentId = await anna.write(EVENT, {
      title: 'Party',
      startsAt: '2027-01-01T20:00:00Z',
      places: 10,
      colour: 'red',
      shade: 'dark',
      tint: 'pale',
    });
  });

  test('are shown in a frame, with the parts that every field has', async () => {
    const visitor = await stage.as(ADMIN, `/content/${EVENT}/${documentId}`);
    const { page } = visitor;
    const frame = frameOf(page, 'Colour');
    const input = frame.locator('input');
    await input.and(frame.locator('[aria-label="Colour"]')).waitFor();
    expect(await input.inputValue()).toBe('red');
    await input.fill('green');
    // The frame keeps its keys: the page saves by its own.
    await page.getByRole('textbox', { name: /^Title/ }).press('Control+S');
    await expect
      .poll(async () => (await anna.admin<{ colour: string }>('GET', `/content/${EVENT}/${documentId}`)).colour)
      .toBe('green');
    await page.getByRole('textbox', { name: /^Title/ }).press('Control+Z');
    await expect.poll(() => input.inputValue()).toBe('red');
    await frame.getByRole('button').click();
    await frame.getByText('invalid').waitFor();
    await input.fill('much too long a name for this');
    await page.getByRole('textbox', { name: /^Title/ }).press('Control+S');
    await frame.getByText(/"errors":\["/).waitFor();
    await visitor.picture('field-of-a-plugin');
    expect(await allViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 740 });
    expect(await visitor.scrollsSideways()).toBe(false);
    // The frame is as high as its page again.
    await expect
      .poll(async () => (await page.locator('[data-field="colour"] iframe').boundingBox())?.height)
      .toBeLessThan(200);
    await visitor.picture('field-of-a-plugin-narrow');
    await visitor.leave();
  });

  test('fall back to the standard input if the plugin is missing or its frame does not start', async () => {
    const visitor = await stage.as(ADMIN, `/content/${EVENT}/${documentId}`);
    const { page } = visitor;
    await page.getByText(/comes from the plugin “painter”/).waitFor();
    expect(await page.getByRole('textbox', { name: 'Tint' }).inputValue()).toBe('pale');
    // A frame has ten seconds.
    await page.getByText(/did not load/).waitFor({ timeout: extendLimit(20_000) });
    await page.getByRole('textbox', { name: 'Shade' }).fill('light');
    await page.getByRole('textbox', { name: 'Shade' }).press('Control+S');
    await expect
      .poll(async () => (await anna.admin<{ shade: string }>('GET', `/content/${EVENT}/${documentId}`)).shade)
      .toBe('light');
    await visitor.picture('field-without-its-plugin');
    expect(await allViolations(page)).toEqual([]);
    await visitor.leave();
  });
});
