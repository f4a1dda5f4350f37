// @module-tag full
// @module-tag postgresql
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ADMIN, User, png, startStage, TOKENS, allViolations, withAdmin } from './harness';

const UID = 'api::news.news';

/** Drops a file on the page, as a file manager does. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([file, data]) => {
      const carried = new DataTransfer();
      carried.items.add(
        new File([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))], file, { type: 'image/png' }),
      );
      return carried;
    },
    [name, bytes.toString('base64')] as const,
  );
  const target = page.getByRole('heading', { level: 1 });
  for (const event of ['dragenter', 'dragover', 'drop']) await target.dispatchEvent(event, { dataTransfer });
}

describe.each(['mouse', 'keyboard'] as const)('usages of a photo, by %s', (way) => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });
  const cover = async (id: string) =>
    (await stage.api.entry(UID, id, '?populate=cover')).cover as { name: string } | null;
  let id = '';

  test('an imported photo is chosen in an entry; photo and entry link to each other', async () => {
    id = await stage.api.write(UID, { title: 'The factory opens', slug: 'opens', body: 'Come in.', topic: 'factory' });
    const { page } = await stage.as(ADMIN, '/media');
    const user = new User(page, way);
    if (way === 'mouse') await drop(page, 'factory.png', png(90));
    else {
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        user.use(page.getByRole('button', { name: 'Upload' })),
      ]);
      await chooser.setFiles([{ name: 'factory.png', mimeType: 'image/png', buffer: png(90) }]);
    }
    await page.getByText('1 of 1 file is uploaded').waitFor();

    await page.goto(`/admin/content/${UID}/${id}`);
    await user.use(page.getByRole('group', { name: 'Cover' }).getByRole('button', { name: 'Choose from library' }));
    const picker = page.getByRole('dialog');
    await picker.getByText('factory.png').first().waitFor();
    expect(await allViolations(page)).toEqual([]);
    await user.use(picker.getByRole('button', { name: /factory\.png/ }));
    await user.use(picker.getByRole('button', { name: 'Use 1 file' }));
    await picker.waitFor({ state: 'detached' });
    await user.press('ControlOrMeta+s');
    await expect.poll(() => cover(id)).toMatchObject({ name: 'factory.png' });

    await page.goto('/admin/media');
    await user.use(page.getByRole('list', { name: 'Files' }).getByRole('link', { name: /^factory\.png/ }));
    const use = page
      .getByRole('region', { name: 'Where it is used' })
      .getByRole('link', { name: 'The factory opens' })
      .first();
    await user.use(use);
    await page.getByRole('heading', { name: 'The factory opens', level: 1 }).waitFor();
  });

  test('deleting shows the usages and offers a replacement; restoring brings back the links', async () => {
    const { page } = await stage.as(ADMIN, '/media');
    const user = new User(page, way);
    await user.use(page.getByRole('list', { name: 'Files' }).getByRole('link', { name: /^factory\.png/ }));
    const drawer = page.getByRole('dialog');
    await drawer
      .getByRole('region', { name: 'Where it is used' })
      .getByRole('link', { name: 'The factory opens' })
      .first()
      .waitFor();
    await user.use(drawer.getByRole('button', { name: 'Move to the trash' }));
    const question = page.getByRole('dialog', { name: 'Move “factory.png” to the trash?' });
    await question.getByText('Used in 1 draft').waitFor();
    // Another file in its place is offered beside.
    await question.getByRole('button', { name: 'Replace it instead…' }).waitFor();
    await user.use(question.getByRole('button', { name: 'Move to the trash' }));
    await drawer.first().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    expect(await cover(id)).toBeNull();

    await user.use(page.getByRole('link', { name: 'Trash' }));
    await page.getByRole('heading', { name: 'Trash', level: 1 }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await user.use(page.getByRole('list', { name: 'Files' }).getByRole('link', { name: /^factory\.png/ }));
    await user.use(drawer.getByRole('button', { name: 'Restore', exact: true }));
    await drawer.waitFor({ state: 'detached' });
    await expect.poll(() => cover(id)).toMatchObject({ name: 'factory.png' });
  });
});
