// @vitest-environment jsdom
import i18next from 'i18next';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import views from '@/i18n/en/views.json';
import * as toast from '@/ui/toast';
import { testModel } from '../testModel';
import { deleteWithUndo } from './deleteWithUndo';

const [type] = testModel.contentTypes;
if (!type) throw new Error('the model has types');

const changed = vi.fn(async () => undefined);
const requests: { line: string; body: unknown }[] = [];
const showToast = vi.spyOn(toast, 'showToast').mockReturnValue(() => undefined);

beforeAll(async () => {
  await i18next.init({ lng: 'en', ns: ['views'], resources: { en: { views } }, interpolation: { escapeValue: false } });
});
beforeEach(() => {
  requests.length = 0;
  changed.mockClear();
  showToast.mockClear();
  vi.stubGlobal(
    'fetch',
    vi.fn(async (request: Request) => {
      const text = await request.text();
      requests.push({
        line: `${request.method} ${decodeURIComponent(new URL(request.url).pathname)}`,
        body: text ? (JSON.parse(text) as unknown) : undefined,
      });
      return request.method === 'DELETE'
        ? new Response(null, { status: 204 })
        : Response.json({ data: [{ documentId: 'd', done: true }] });
    }),
  );
});

const locales = [
  { locale: 'en', status: 'published' },
  { locale: 'nl', status: 'modified' },
] as const;

describe('a deleted entry', () => {
  it('is named in a toast, whose undo restores it and publishes what was published', async () => {
    await deleteWithUndo(type, 'd', { locale: undefined, precondition: 'any', locales, title: 'Ghost town', changed });
    expect(showToast.mock.calls[0]?.[0].message).toBe('“Ghost town” deleted');
    await showToast.mock.calls[0]?.[0].undo?.();
    expect(requests.map(({ line }) => line)).toEqual([
      `DELETE /admin/api/content/${type.uid}/d`,
      'POST /admin/api/history/undelete',
      `POST /admin/api/content/${type.uid}/actions/publish`,
    ]);
    expect(requests[2]?.body).toEqual({ documentIds: ['d'], locales: ['en'] });
    expect(showToast.mock.calls[1]?.[0]).toEqual({ message: 'Restored' });
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it('in one locale is published again in that one alone', async () => {
    const localised = { ...type, localized: true };
    await deleteWithUndo(localised, 'd', { locale: 'nl', precondition: 'any', locales, changed });
    expect(showToast.mock.calls[0]?.[0].message).toBe('Dutch version deleted');
    await showToast.mock.calls[0]?.[0].undo?.();
    expect(requests.map(({ line }) => line)).not.toContain(`POST /admin/api/content/${type.uid}/actions/publish`);
  });

  it('says if it does not come back', async () => {
    await deleteWithUndo(type, 'd', { locale: undefined, precondition: 'any', locales: [], changed });
    vi.mocked(fetch).mockRejectedValueOnce(new TypeError('the network is away'));
    await showToast.mock.calls[0]?.[0].undo?.();
    expect(showToast.mock.calls[1]?.[0].failed).toBe(true);
  });
});
