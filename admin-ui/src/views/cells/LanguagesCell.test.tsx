import { screen } from '@testing-library/react';
import i18next from 'i18next';
import { expect, it, vi } from 'vitest';
import type { DocumentState, Entry } from '@/api/content';
import common from '@/i18n/en/common.json';
import views from '@/i18n/en/views.json';
import { renderPlain, startTestTexts } from '@/test/render';
import { LanguagesCell } from './LanguagesCell';

vi.mock(import('@/api/session'), async (actual) => ({
  ...(await actual()),
  useSession: () => ({ locales: { default: 'en', available: [{ code: 'en' }, { code: 'nl' }] } }) as never,
}));

it.each([
  [true, 'en: English, Published', 'published'],
  [false, 'en: English', undefined],
])('says of publication only where a type has drafts: %s', async (draftAndPublish, name, status) => {
  await startTestTexts();
  i18next.addResourceBundle('en', 'views', views);
  i18next.addResourceBundle('en', 'common', common);
  const entry = { id: 1, documentId: 'd' } as unknown as Entry;
  const state: DocumentState = {
    status: 'published',
    version: 1,
    locales: [{ locale: 'en', status: 'published' }],
  };
  await renderPlain(
    <LanguagesCell type={{ draftAndPublish }} entry={entry} state={state} href={() => '#'} open={() => undefined} />,
  );
  expect(screen.getByRole('link', { name, hidden: true }).dataset.status).toBe(status);
  expect(screen.getByRole('link', { name: /^nl: not translated/, hidden: true }).dataset.status).toBe('missing');
});
