import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeEach, expect, test, vi } from 'vitest';
import common from '@/i18n/en/common.json';
import media from '@/i18n/en/media.json';
import { renderAt } from '@/test/renderAt';
import { FolderTree } from './FolderTree';

const request = vi.hoisted(() => vi.fn());
vi.mock(import('@/api/client'), async (actual) => ({ ...(await actual()), request }));

beforeEach(() => {
  request.mockReset();
  request.mockImplementation(async (method: string) => ({ data: method === 'POST' ? { id: 7, name: 'Press' } : [] }));
});

test('a new folder is opened, so that the next upload goes there', async () => {
  const { router } = await renderAt('/', <FolderTree current={undefined} />);
  i18next.addResourceBundle('en', 'media', media);
  i18next.addResourceBundle('en', 'common', common);
  await userEvent.click(screen.getByRole('button', { name: /New folder|folder\.new/ }));
  await userEvent.type(await screen.findByRole('textbox', { name: /Name/i }), 'Press{Enter}');
  await waitFor(() => expect(router.state.location.pathname).toBe('/media'));
  expect(router.state.location.search).toEqual({ folder: 7 });
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});
