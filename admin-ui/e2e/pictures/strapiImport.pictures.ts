import { describe, test } from 'vitest';
import { ADMIN, startStage, TOKENS, withAdmin } from '../harness';
import { takePicture, WIDE } from './camera';
import { ANNA } from './project';

describe('a project that came from Strapi', () => {
  const stage = startStage({
    strapiArchive: 'core/strapi-import/tests/fixtures/export.tar.gz',
    settings: withAdmin({ ...TOKENS, adminUsers: [ANNA] }),
  });

  test('report of the import', async () => {
    const { page } = await stage.as(ADMIN, '/settings/strapi-import', WIDE);
    await page.getByRole('table').first().waitFor();
    await takePicture(page, 'settings-strapi-import');
  });
});
