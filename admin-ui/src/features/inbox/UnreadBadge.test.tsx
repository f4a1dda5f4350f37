import { screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { beforeEach, expect, test, vi } from 'vitest';
import inbox from '@/i18n/en/inbox.json';
import { renderPlain, startTestTexts } from '@/test/render';
import UnreadBadge from './UnreadBadge';

let unread: number;
let waiting: number;
const request = vi.hoisted(() => vi.fn());
vi.mock(import('@/api/client'), async (actual) => ({ ...(await actual()), request }));

beforeEach(async () => {
  await startTestTexts();
  i18next.addResourceBundle('en', 'inbox', inbox);
  request.mockReset();
  request.mockImplementation(async (_method: string, path: string) =>
    path.endsWith('/reviews')
      ? { data: Array.from({ length: waiting }, (_, id) => ({ id })), meta: { before: null } }
      : { data: { unread } },
  );
});

const badges = () => screen.queryAllByRole('img').map((badge) => [badge.textContent, badge.getAttribute('aria-label')]);

test('what is unread and what waits for an approval are told apart, in words', async () => {
  [unread, waiting] = [1, 2];
  await renderPlain(<UnreadBadge />);
  await waitFor(() =>
    expect(badges()).toEqual([
      ['2', '2 entries are waiting for your approval'],
      ['1', '1 unread'],
    ]),
  );
});

test('more than 99 are not counted out, and none is no badge', async () => {
  [unread, waiting] = [120, 0];
  await renderPlain(<UnreadBadge />);
  await waitFor(() => expect(badges()).toEqual([['99+', '120 unread']]));
});

test('nothing is shown of what cannot be read', async () => {
  request.mockRejectedValue(Object.assign(new Error('refused'), { status: 403 }));
  await renderPlain(<UnreadBadge />);
  await waitFor(() => expect(request).toHaveBeenCalledTimes(2));
  expect(badges()).toEqual([]);
});
