// @module-tag full
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ADMIN, allViolations, png, startStage, TOKENS, withAdmin } from './harness';

const UPDATE = 'api::update.update';
const NEWS = 'api::news.news';

function clipboard(name: string): string {
  return readFileSync(join(import.meta.dirname, '../src/fields/paste/clipboards', name), 'utf8');
}

interface Pasted {
  types: Record<string, string>;
  /** Bytes of pictures, as base64. */
  images?: string[];
  kind?: 'paste' | 'drop';
}

/** Pastes into what is focused. The browser's own clipboard holds no RTF and no files that a test could put there. */
async function paste(page: Page, pasted: Pasted): Promise<void> {
  await page.evaluate(({ types, images = [], kind = 'paste' }) => {
    const data = new DataTransfer();
    for (const [type, text] of Object.entries(types)) data.setData(type, text);
    images.forEach((image, at) => {
      const bytes = Uint8Array.from(atob(image), (sign) => sign.charCodeAt(0));
      data.items.add(new File([bytes], `picture-${at + 1}.png`, { type: 'image/png' }));
    });
    const target = document.activeElement;
    const box = target?.getBoundingClientRect();
    const event =
      kind === 'paste'
        ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
        : new DragEvent('drop', {
            dataTransfer: data,
            bubbles: true,
            cancelable: true,
            clientX: (box?.left ?? 0) + 60,
            clientY: (box?.top ?? 0) + 20,
          });
    target?.dispatchEvent(event);
  }, pasted);
}

describe('pasting into text', () => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });
  const draft = async (uid: string, id: string) => {
    const plural = uid === NEWS ? 'news-items' : 'updates';
    return (await stage.api.ask<{ body: unknown }>('GET', `/api/${plural}/${id}?status=draft`)).data.body;
  };

  test('a document of Word goes into blocks with its lists and its picture, and one undo takes it back', async () => {
    const body = [{ type: 'paragraph', children: [{ type: 'text', text: 'Before' }] }];
    const id = await stage.api.write(UPDATE, { title: 'Pasted', slug: 'pasted', happenedOn: '2026-11-20', body });
    const { page } = await stage.as(ADMIN, `/content/${UPDATE}/${id}`);
    const text = page.locator('[data-field="body"] [contenteditable="true"]');
    await text.click();
    await page.keyboard.press('Control+End');
    await paste(page, {
      types: { 'text/html': clipboard('word.html'), 'text/rtf': clipboard('word.rtf'), 'text/plain': 'Harbour report' },
    });
    await text.locator('h1', { hasText: 'Harbour report' }).waitFor();
    await page.getByText('1 table became a list').waitFor();
    await text.locator('figure img').waitFor();
    const alt = page.getByRole('textbox', { name: /^Alternative text of A ferry at the quay/ });
    await alt.waitFor();
    expect(await alt.inputValue()).toBe('A ferry at the quay');
    expect(await allViolations(page)).toEqual([]);
    await alt.fill('A ferry at the quay at dawn');
    await alt.press('Enter');
    await alt.waitFor({ state: 'detached' });
    await expect
      .poll(() => draft(UPDATE, id))
      .toMatchObject(
        expect.arrayContaining([
          expect.objectContaining({ type: 'heading', level: 1 }),
          expect.objectContaining({
            type: 'image',
            image: expect.objectContaining({ alternativeText: 'A ferry at the quay at dawn' }),
          }),
        ]),
      );
    const [file] = await stage.api.admin<{ alternativeText: string }[]>('GET', '/assets?search=ferry');
    expect(file?.alternativeText).toBe('A ferry at the quay at dawn');

    await text.click();
    // The description is a step, the paste with its picture another.
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await text.locator('h1').waitFor({ state: 'detached' });
    expect((await text.innerText()).trim()).toBe('Before');
  });

  test('Markdown gets tables, pictures that are dropped, and links over words', async () => {
    const news = { title: 'Source', slug: 'source', body: 'See the timetable', topic: 'factory' };
    const id = await stage.api.write(NEWS, news);
    const { page } = await stage.as(ADMIN, `/content/${NEWS}/${id}`);
    const area = page.locator('[data-field="body"] textarea').first();
    await area.click();
    await area.evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(4, 17));
    await paste(page, { types: { 'text/plain': 'https://example.com/t' } });
    await expect.poll(() => area.inputValue()).toBe('See [the timetable](https://example.com/t)');
    await page.keyboard.press('Control+End');
    await paste(page, { types: { 'text/html': clipboard('google-docs.html'), 'text/plain': 'x' } });
    await expect.poll(() => area.inputValue()).toContain('| Day | First | Last |');
    await page.getByText('1 image is on another website').waitFor();
    await paste(page, { types: {}, images: [png(30).toString('base64')], kind: 'drop' });
    await expect.poll(() => area.inputValue()).toMatch(/!\[\]\(\/uploads\/[^)]+\)/);
    const alt = page.getByRole('textbox', { name: 'Alternative text of picture-1.png' });
    await alt.fill('A square');
    await alt.press('Enter');
    await expect.poll(() => area.inputValue()).toContain('![A square](/uploads/');
    expect(await allViolations(page)).toEqual([]);
  });

  test('5 MB with scripts and remote pictures neither freeze the page nor run or load anything', async () => {
    const id = await stage.api.write(UPDATE, { title: 'Large', slug: 'large', happenedOn: '2026-11-21' });
    const { page } = await stage.as(ADMIN, `/content/${UPDATE}/${id}`);
    const elsewhere: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(stage.server.base) && !request.url().startsWith('data:'))
        elsewhere.push(request.url());
    });
    const text = page.locator('[data-field="body"] [contenteditable="true"]');
    await text.click();
    const style = 'mso-fareast-font-family:Calibri;'.repeat(40);
    const part = `<p class=MsoNormal style="${style}" onclick="window.hacked=1">Words <b>bold</b><script>window.hacked=1</script><img src="https://evil.invalid/x.png" onerror="window.hacked=1"></p>`;
    const html = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><body>${part.repeat(3500)}</body></html>`;
    expect(html.length).toBeGreaterThan(5_000_000);
    await page.evaluate(() => {
      const gaps = { longest: 0 };
      let last = performance.now();
      setInterval(() => {
        const now = performance.now();
        gaps.longest = Math.max(gaps.longest, now - last);
        last = now;
      }, 0);
      Object.assign(window, { gaps });
    });
    await paste(page, { types: { 'text/html': html, 'text/plain': 'x' } });
    await page.getByText('3,500 images are on another website').waitFor();
    expect(await text.locator('p').count()).toBeGreaterThanOrEqual(3500);
    const { longest, hacked } = await page.evaluate(() => {
      const { gaps, hacked: run } = window as unknown as { gaps: { longest: number }; hacked?: number };
      return { longest: gaps.longest, hacked: run };
    });
    console.info(`5 MB: the page waits ${Math.round(longest)} ms at most`);
    expect(hacked).toBeUndefined();
    expect(elsewhere).toEqual([]);
    await paste(page, { types: { 'text/html': part.repeat(5001), 'text/plain': 'x' } });
    await page.getByRole('group', { name: 'What wasn’t kept' }).getByText('Nothing was pasted').waitFor();
  });

  test('a picture is uploaded in the dialog that chooses one, and is chosen', async () => {
    const id = await stage.api.write(UPDATE, { title: 'Picker', slug: 'picker', happenedOn: '2026-11-22' });
    const { page } = await stage.as(ADMIN, `/content/${UPDATE}/${id}`);
    await page.locator('[data-field="body"]').getByRole('button', { name: 'Image' }).click();
    const dialog = page.getByRole('dialog', { name: 'Choose files' });
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      dialog.getByRole('button', { name: 'Upload' }).click(),
    ]);
    await chooser.setFiles([{ name: 'dock.png', mimeType: 'image/png', buffer: png(40) }]);
    await dialog.getByRole('button', { name: /dock\.png/, pressed: true }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Use 1 file' }).click();
    await page.getByRole('dialog', { name: 'What the image shows' }).waitFor();
    await page.locator('[data-field="body"] figure img').waitFor();
  });
});
