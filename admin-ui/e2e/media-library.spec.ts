import { describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, png, startStage, allViolations, withAdmin } from './harness';

const TOKEN = 'a-token-for-the-content-api-of-32-signs';

describe('media library', () => {
  const stage = startStage({
    settings: withAdmin({ apiTokens: [{ name: 'site', type: 'full-access', token: TOKEN }] }),
    contentTypes: 'content-types',
  });
  const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' };

  test('a photo is uploaded and described, and its usages are listed', async () => {
    const { page } = await stage.admin('/media');
    expect(await allViolations(page)).toEqual([]);
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Upload' }).click(),
    ]);
    await chooser.setFiles([
      { name: 'factory.png', mimeType: 'image/png', buffer: png(90) },
      { name: 'again.png', mimeType: 'image/png', buffer: png(90) },
    ]);
    await page.getByText('2 of 2 files are uploaded').waitFor();
    await page
      .getByRole('list', { name: 'Files' })
      .getByRole('link', { name: /^factory\.png/ })
      .waitFor();
    expect(await allViolations(page)).toEqual([]);

    const listed = (await (
      await fetch(`${stage.server.base}/admin/api/assets?search=factory`, {
        headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
      })
    ).json()) as { data: { id: number }[] };
    const news = {
      title: 'The factory opens',
      slug: 'opens',
      body: 'Come in.',
      topic: 'factory',
      cover: listed.data[0]?.id,
    };
    const made = await fetch(`${stage.server.base}/api/news-items`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ data: news }),
    });
    expect(made.status).toBe(201);

    await page
      .getByRole('list', { name: 'Files' })
      .getByRole('link', { name: /^factory\.png/ })
      .click();
    await page.getByRole('textbox', { name: 'Alternative text' }).first().fill('A factory');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved', { exact: true }).first().waitFor();
    const use = page.getByRole('link', { name: 'The factory opens' });
    await use.first().waitFor();
    expect(await use.first().getAttribute('href')).toContain('/admin/content/api::news.news/');
    expect(await allViolations(page)).toEqual([]);

    // What is typed is not lost by leaving, in whatever way.
    const caption = page.getByRole('textbox', { name: 'Caption' }).first();
    const question = page.getByRole('dialog', { name: 'Leave without saving?' });
    await caption.fill('In the morning');
    await caption.press('Escape');
    await question.waitFor();
    expect(await allViolations(page)).toEqual([]);
    await question.getByRole('button', { name: 'Keep editing' }).first().click();
    await question.waitFor({ state: 'detached' });
    expect(await caption.inputValue()).toBe('In the morning');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await question.getByRole('button', { name: 'Save and leave' }).click();
    await page.getByRole('dialog').first().waitFor({ state: 'detached' });
    const stored = (await (
      await fetch(`${stage.server.base}/admin/api/assets?search=factory`, {
        headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
      })
    ).json()) as { data: { alternativeText: string; caption: string }[] };
    expect(stored.data[0]).toMatchObject({ alternativeText: 'A factory', caption: 'In the morning' });
  });

  test('moving a file to the trash shows its usages and can be undone', async () => {
    const { page } = await stage.admin('/media');
    await page.getByRole('checkbox', { name: 'Select factory.png' }).click();
    await page.getByRole('button', { name: 'Move to the trash' }).click();
    const dialog = page.getByRole('dialog', { name: 'Move “factory.png” to the trash?' });
    await dialog.getByText('Used in 1 published entry').waitFor();
    await dialog.getByRole('link', { name: 'The factory opens' }).first().waitFor();
    await dialog.getByRole('button', { name: 'Replace it instead…' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Move to the trash' }).click();
    const files = page.getByRole('list', { name: 'Files' });
    await files.getByRole('link', { name: /^factory\.png/ }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await files.getByRole('link', { name: /^factory\.png/ }).waitFor();
    const shown = (await (
      await fetch(`${stage.server.base}/api/news-items?status=draft&populate=cover`, { headers })
    ).json()) as { data: { cover: { name: string } | null }[] };
    expect(shown.data[0]?.cover?.name).toBe('factory.png');
  });

  test('a folder, with its subfolders, can be set to keep photo metadata', async () => {
    const folders = async (): Promise<
      { id: number; name: string; keepsMetadata: boolean | null; metadataKept: boolean }[]
    > => {
      const answer = await fetch(`${stage.server.base}/admin/api/assets/folders`, {
        headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      return (
        (await answer.json()) as {
          data: { id: number; name: string; keepsMetadata: boolean | null; metadataKept: boolean }[];
        }
      ).data;
    };
    const { page } = await stage.admin('/media');
    await page.getByRole('button', { name: 'New folder' }).click();
    const agency = page.getByRole('dialog', { name: 'New folder' });
    await agency.getByLabel('Name').fill('Agency');
    await agency.getByText('moved into it later, stay as they are').waitFor();
    await agency.getByRole('combobox', { name: 'Metadata in images and videos' }).click();
    await page.getByRole('option', { name: 'Keep', exact: true }).click();
    expect(await allViolations(page)).toEqual([]);
    await agency.getByRole('button', { name: 'Save' }).click();
    await agency.waitFor({ state: 'detached' });
    expect(await folders()).toMatchObject([{ name: 'Agency', keepsMetadata: true, metadataKept: true }]);

    // Inside it is as around it, which the dialog says.
    await page
      .getByRole('navigation', { name: 'Folders' })
      .getByRole('link', { name: /^Agency/ })
      .click();
    await page.getByRole('button', { name: 'New folder' }).click();
    const inside = page.getByRole('dialog', { name: 'New folder' });
    await inside.getByLabel('Name').fill('2026');
    expect(await inside.getByRole('combobox', { name: 'Metadata in images and videos' }).inputValue()).toBe(
      'Same as the parent folder: keep',
    );
    await inside.getByRole('button', { name: 'Save' }).click();
    await inside.waitFor({ state: 'detached' });
    expect((await folders()).find(({ name }) => name === '2026')).toMatchObject({
      keepsMetadata: null,
      metadataKept: true,
    });
  });

  test('all pages of the library work on a phone, in Dutch', async () => {
    const visitor = await stage.admin('/media', { locale: 'nl-NL', viewport: { width: 320, height: 740 } });
    for (const path of ['/media', '/media?trash=true', '/media/rights', '/media/duplicates']) {
      await visitor.open(path);
      expect(await allViolations(visitor.page), path).toEqual([]);
      expect(await visitor.scrollsSideways(), path).toBe(false);
    }
  });
});
