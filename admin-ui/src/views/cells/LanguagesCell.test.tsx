import { screen } from '@testing-library/react';
import i18next from 'i18next';
import { beforeEach, expect, it, vi } from 'vitest';
import type { DocumentState, Entry } from '@/api/content';
import common from '@/i18n/en/common.json';
import views from '@/i18n/en/views.json';
import { renderPlain, startTestTexts } from '@/test/render';
import { LanguagesCell } from './LanguagesCell';

vi.mock(import('@/api/session'), async (actual) => ({
  ...(await actual()),
  useSession: () => ({ locales: { default: 'en', available: codes.map((code) => ({ code })) } }) as never,
}));

let codes: string[];
beforeEach(() => {
  codes = ['en', 'nl'];
});

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

it('has a link of its own for each of twelve languages, in their order', async () => {
  codes = ['en', 'nl', 'de', 'fr', 'es', 'it', 'pt-BR', 'pl', 'sv', 'ja', 'ar', 'zh-Hant'];
  await startTestTexts();
  i18next.addResourceBundle('en', 'views', views);
  i18next.addResourceBundle('en', 'common', common);
  const state: DocumentState = { status: 'draft', version: 1, locales: [{ locale: 'ja', status: 'draft' }] };
  await renderPlain(
    <LanguagesCell
      type={{ draftAndPublish: true }}
      entry={{ id: 1, documentId: 'd', locale: 'ja' } as unknown as Entry}
      state={state}
      href={({ locale }) => `#${locale}`}
      open={() => undefined}
    />,
  );
  const links = screen.getAllByRole('link', { hidden: true });
  expect(links.map((link) => link.textContent)).toEqual(codes);
  expect(links.map((link) => link.getAttribute('href'))).toEqual(codes.map((code) => `#${code}`));
  const names = links.map((link) => link.getAttribute('aria-label'));
  expect(new Set(names).size).toBe(12);
  expect(names[9]).toBe('ja: Japanese, Draft');
  expect(names[11]).toMatch(/^zh-Hant: not translated/);
});
