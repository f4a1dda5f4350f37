import { act, fireEvent, screen } from '@testing-library/react';
import i18next from 'i18next';
import { describe, expect, it, vi } from 'vitest';
import { OfflineError } from '@/api/ApiError';
import * as upload from '@/api/upload';
import common from '@/i18n/en/common.json';
import { startTestTexts } from '@/test/render';
import { renderFields, renderInput, renderPlain } from '../testing';
import { media } from '.';
import { acceptOf, kindsOf, mediaTypeOf, safeUrl } from './files';

const file = {
  id: 1,
  documentId: 'd',
  name: '<b>x</b>.png',
  url: '/uploads/x.png',
  mime: 'image/png',
  alternativeText: null,
  width: 4,
  height: 3,
};

describe('media', () => {
  it('shows names as text, and removes files', async () => {
    const { changes, container } = await renderInput({ type: 'media', multiple: true }, [file]);
    expect(screen.getByText('<b>x</b>.png')).toBeTruthy();
    expect(container.querySelector('b')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Remove <b>x</b>.png' }));
    expect(changes).toEqual([[]]);
  });

  it('is reordered by buttons', async () => {
    const { changes } = await renderInput({ type: 'media', multiple: true }, [file, { ...file, id: 2, name: 'y.png' }]);
    fireEvent.click(screen.getByRole('button', { name: 'Move y.png up' }));
    expect((changes.at(-1) as { id: number }[]).map((each) => each.id)).toEqual([2, 1]);
  });

  it('loads only safe addresses', () => {
    expect(safeUrl('/uploads/x.png')).toBe('/uploads/x.png');
    expect(safeUrl('https://example.com/x.png')).toBe('https://example.com/x.png');
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', '//evil.example/x', ''])
      expect(safeUrl(bad)).toBeNull();
  });

  it('allows kinds of files', () => {
    expect(kindsOf(['images', 'files'])).toBe('image,document,model,other');
    expect(acceptOf(['images'])).toBe('image/*');
    expect(mediaTypeOf('video/mp4')).toBe('videos');
  });

  it('is shown as pictures with names', async () => {
    await renderPlain(<media.Cell attribute={{ type: 'media' }} value={file} />);
    expect(screen.getByAltText('<b>x</b>.png')).toBeTruthy();
  });

  it('tells the entry of a file that is on its way, until it is in the field', async () => {
    const arrive: (() => void)[] = [];
    vi.spyOn(upload, 'uploadFile').mockImplementation(
      () => new Promise((done) => arrive.push(() => done({ ...file, documentId: 'd' } as never))),
    );
    const { store, container } = await renderFields({ cover: { type: 'media' } }, { cover: null });
    const input = container.querySelector('input[type="file"]');
    if (!input) throw new Error('files can be chosen');
    fireEvent.change(input, { target: { files: [new File(['x'], 'x.png', { type: 'image/png' })] } });
    expect(store.uploads.count).toBe(1);
    const settled = store.uploads.settle();
    act(() => arrive[0]?.());
    expect(await settled).toBe(true);
    expect((store.get('cover') as { id: number }[]).map(({ id }) => id)).toEqual([1]);
  });

  it('goes on with an upload that failed from where it stopped', async () => {
    await startTestTexts();
    i18next.addResourceBundle('en', 'common', common);
    const sending = vi.spyOn(upload, 'uploadFile').mockImplementationOnce(async (_, { onProgress, onBegun }) => {
      onBegun?.('/uploads/resumable/7');
      onProgress(0.99);
      throw new OfflineError('no answer');
    });
    sending.mockResolvedValueOnce({ ...file, documentId: 'd' } as never);
    const { store, container } = await renderFields({ cover: { type: 'media' } }, { cover: null });
    const input = container.querySelector('input[type="file"]');
    if (!input) throw new Error('files can be chosen');
    fireEvent.change(input, { target: { files: [new File(['x'], 'x.png', { type: 'image/png' })] } });
    await screen.findByText(/^The server can’t be reached\./);
    expect(await store.uploads.settle()).toBe(true);
    fireEvent.click(screen.getByRole('button', { name: 'Try x.png again' }));
    expect(sending.mock.lastCall?.[1]).toMatchObject({ continues: '/uploads/resumable/7' });
    expect(await act(() => store.uploads.settle())).toBe(true);
    expect((store.get('cover') as { id: number }[]).map(({ id }) => id)).toEqual([1]);
    expect(screen.queryByRole('button', { name: 'Try x.png again' })).toBeNull();
  });
});
