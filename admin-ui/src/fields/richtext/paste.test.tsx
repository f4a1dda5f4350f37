import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/api/ApiError';
import * as assets from '@/api/assets';
import * as upload from '@/api/upload';
import common from '@/i18n/en/common.json';
import { startTestTexts } from '@/test/render';
import { clipboardFile, partsAreThere, transferOf } from '../paste/testing';
import { renderFields } from '../testing';
import { insertPart, isInCode, moveOffset } from './edits';

const PNG = 'data:image/png;base64,iVBORw0KGgo=';

beforeAll(async () => {
  await Promise.all([import('./PasteSupport'), import('../paste/convert'), import('../paste/PastePanel')]);
});
afterEach(() => vi.restoreAllMocks());

async function open(value: string | null = null) {
  const { store } = await renderFields({ body: { type: 'richtext' } }, { body: value });
  const area = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Body' });
  await partsAreThere();
  const body = () => store.get('body') as string | null;
  return { store, area, body };
}

function paste(area: HTMLElement, types: Record<string, string>, files: File[] = []) {
  fireEvent.paste(area, { clipboardData: transferOf(types, files) });
}

function holdUploads() {
  const arrive: (() => void)[] = [];
  vi.spyOn(upload, 'uploadFile').mockImplementation(
    (file, { signal }) =>
      new Promise((done, failed) => {
        signal?.addEventListener('abort', () => failed(new DOMException('aborted', 'AbortError')));
        const number = arrive.length + 1;
        const asset = { id: number, documentId: `d${number}`, url: `/uploads/${number}.png`, thumbnailUrl: null };
        arrive.push(() => done({ ...asset, name: file.name } as never));
      }),
  );
  const changed = vi.spyOn(assets, 'changeAsset').mockImplementation(async () => ({}) as never);
  return { arrive, changed };
}

describe('pasting into Markdown', { timeout: 30_000 }, () => {
  it('writes what a document says as Markdown, with its tables, in one step of undo', async () => {
    const { area, body, store } = await open('Before');
    act(() => store.set('body', 'Before.'));
    area.setSelectionRange(7, 7);
    paste(area, { 'text/html': clipboardFile('word-online.html'), 'text/plain': 'x' });
    await waitFor(() => expect(body()).toContain('| Day | First | Last |\n| --- | --- | --- |'));
    expect(body()).toMatch(/^Before\.\n\n# Harbour report\n\nThe ferry \*\*leaves\*\* at _nine_/);
    expect(await screen.findByText(/Underlining was removed/)).toBeTruthy();
    act(() => void store.undo());
    expect(body()).toBe('Before.');
  });

  it('leaves source as it is, in one step of undo', async () => {
    const { area, body, store } = await open('ab');
    act(() => store.set('body', 'abc'));
    area.setSelectionRange(1, 1);
    paste(area, { 'text/plain': '# One\r\n\n* two * three' });
    expect(body()).toBe('a# One\n\n* two * threebc');
    act(() => void store.undo());
    expect(body()).toBe('abc');
  });

  it('pastes plain with Ctrl+Shift+V, and in code', async () => {
    const { area, body } = await open('```\n\n```');
    area.setSelectionRange(4, 4);
    paste(area, { 'text/html': '<b>x</b>', 'text/plain': 'x * y' });
    expect(body()).toBe('```\nx * y\n```');
    area.setSelectionRange(0, 0);
    fireEvent.keyDown(area, { key: 'V', ctrlKey: true, shiftKey: true });
    paste(area, { 'text/html': '<b>x</b>', 'text/plain': 'x' });
    expect(body()).toBe('x```\nx * y\n```');
  });

  it('makes a link of words that an address is pasted over', async () => {
    const { area, body } = await open('See the timetable here');
    area.setSelectionRange(4, 17);
    paste(area, { 'text/plain': 'https://example.com/t_(1)' });
    expect(body()).toBe('See [the timetable](https://example.com/t_%281%29) here');
    area.setSelectionRange(0, 3);
    paste(area, { 'text/plain': 'javascript:alert(1)' });
    expect(body()).toBe('javascript:alert(1) [the timetable](https://example.com/t_%281%29) here');
  });

  it('puts uploaded pictures where they were pasted, asks what they show, and takes all back by one undo', async () => {
    const { arrive, changed } = holdUploads();
    const { area, body, store } = await open('One');
    area.setSelectionRange(3, 3);
    paste(area, { 'text/html': `<p>a</p><img src="${PNG}" alt="First"><p>b</p><img src="${PNG}">` });
    await waitFor(() => expect(body()).toBe('One\n\na\n\nb'));
    await waitFor(() => expect(arrive).toHaveLength(2));
    act(() => arrive[1]?.());
    await waitFor(() => expect(body()).toBe('One\n\na\n\nb\n\n![](/uploads/2.png)'));
    act(() => arrive[0]?.());
    await waitFor(() => expect(body()).toBe('One\n\na\n\n![First](/uploads/1.png)\n\nb\n\n![](/uploads/2.png)'));
    act(() => void store.undo());
    expect(body()).toBe('One');
    act(() => void store.redo());
    const field = await screen.findByRole('textbox', { name: 'Alternative text of image' });
    fireEvent.change(field, { target: { value: 'Second' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(body()).toContain('![Second](/uploads/2.png)');
    expect(changed).toHaveBeenCalledWith('d2', { alternativeText: 'Second' });
  });

  it('takes pictures that are dropped, and says what else was', async () => {
    const { arrive } = holdUploads();
    const { area, body } = await open('One');
    area.setSelectionRange(3, 3);
    fireEvent.drop(area, {
      dataTransfer: transferOf({}, [
        new File(['x'], 'shot.png', { type: 'image/png' }),
        new File(['x'], 'plan.pdf', { type: 'application/pdf' }),
      ]),
    });
    expect(await screen.findByText('plan.pdf')).toBeTruthy();
    await waitFor(() => expect(arrive).toHaveLength(1));
    fireEvent.change(area, { target: { value: 'Zero One' } });
    act(() => arrive[0]?.());
    await waitFor(() => expect(body()).toBe('Zero One![](/uploads/1.png)'));
  });

  it('stops uploads when the paste is undone', async () => {
    const { arrive } = holdUploads();
    const { area, body, store } = await open('One');
    paste(area, { 'text/html': `<p>a</p><img src="${PNG}">` });
    await waitFor(() => expect(arrive).toHaveLength(1));
    act(() => void store.undo());
    await waitFor(() => expect(screen.queryByRole('progressbar')).toBeNull());
    expect(store.uploads.count).toBe(0);
    expect(body()).toBe('One');
  });

  it('says when an upload fails', async () => {
    await startTestTexts();
    i18next.addResourceBundle('en', 'common', common);
    const refusal = new ApiError({ status: 413, name: 'PayloadTooLargeError', message: 'At most 5 MB.' });
    vi.spyOn(upload, 'uploadFile').mockRejectedValue(refusal);
    const { area, store } = await open('One');
    paste(area, {}, [new File(['x'], 'shot.png', { type: 'image/png' })]);
    expect((await screen.findByRole('alert')).textContent).toBe('This is too large. At most 5 MB.');
    expect(await store.uploads.settle()).toBe(true);
  });
});

describe('places in Markdown', () => {
  it('have blank lines around a part of its own', () => {
    expect(insertPart({ text: 'ab', from: 1, to: 1 }, 'X').text).toBe('a\n\nX\n\nb');
    expect(insertPart({ text: 'a\n\nb', from: 3, to: 4 }, 'X').text).toBe('a\n\nX');
    expect(insertPart({ text: '', from: 0, to: 0 }, 'X').text).toBe('X');
  });

  it('are in code between fences', () => {
    expect(isInCode('a\n```\nb', 7)).toBe(true);
    expect(isInCode('a\n```\nb\n```\nc', 13)).toBe(false);
  });

  it('move with the text around them', () => {
    expect(moveOffset('abc', 'xabc', 2)).toBe(3);
    expect(moveOffset('abc', 'abcx', 2)).toBe(2);
    expect(moveOffset('abcdef', 'af', 3)).toBeNull();
  });
});
