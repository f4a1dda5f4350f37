import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as assets from '@/api/assets';
import * as files from '@/api/files';
import * as upload from '@/api/upload';
import type { EntryStore } from '../form/store';
import { clipboardFile, partsAreThere, transferOf } from '../paste/testing';
import { renderFields } from '../testing';

// The editor is a chunk of its own, which a busy machine takes its time to load.
const loading = { timeout: 20_000 };
const PNG = 'data:image/png;base64,iVBORw0KGgo=';

beforeAll(async () => {
  await Promise.all([
    import('./Editor'),
    import('./PasteSupport'),
    import('../paste/convert'),
    import('../paste/PastePanel'),
  ]);
});
afterEach(() => vi.restoreAllMocks());

const paragraph = (text: string) => ({ type: 'paragraph', children: [{ type: 'text', text }] });

async function open(value: unknown[] | null = null) {
  let store: EntryStore | undefined;
  const turn = (way: 'undo' | 'redo') => void store?.[way]();
  const drawn = await renderFields({ body: { type: 'blocks' } }, { body: value }, undefined, { turn });
  store = drawn.store;
  const text = await screen.findByRole('textbox', { name: 'Rich text of Body' }, loading);
  await partsAreThere();
  act(() => text.focus());
  return { store: drawn.store, text, body: () => drawn.store.get('body') as Record<string, unknown>[] | null };
}

function paste(text: HTMLElement, types: Record<string, string>, given: File[] = []) {
  fireEvent.paste(text, { clipboardData: transferOf(types, given) });
}

/** Selects words of the text, as the mouse does. */
function select(text: HTMLElement, words: string) {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.nodeValue?.indexOf(words) ?? -1;
    if (at < 0) continue;
    document.getSelection()?.setBaseAndExtent(node, at, node, at + words.length);
    fireEvent(document, new Event('selectionchange'));
    return;
  }
  throw new Error(`no ${words}`);
}

/** Uploads that arrive when the test says so. */
function holdUploads() {
  const arrive: (() => void)[] = [];
  const asset = { documentId: 'd', url: '/uploads/x.png', thumbnailUrl: null, name: 'x.png' };
  vi.spyOn(upload, 'uploadFile').mockImplementation(
    (file, { signal }) =>
      new Promise((done, failed) => {
        signal?.addEventListener('abort', () => failed(new DOMException('aborted', 'AbortError')));
        arrive.push(() => done({ ...asset, id: arrive.length, name: file.name } as never));
      }),
  );
  vi.spyOn(files, 'readFile').mockImplementation(async (id) => ({ id, name: 'x.png', url: '/uploads/x.png' }));
  const changed = vi.spyOn(assets, 'changeAsset').mockImplementation(async () => ({}) as never);
  return { arrive, changed };
}

describe('pasting into blocks', { timeout: 30_000 }, () => {
  it('keeps what a document of an office program says, and says what it does not', async () => {
    const { text, body } = await open();
    paste(text, { 'text/html': clipboardFile('google-docs.html'), 'text/plain': 'Harbour report' });
    await waitFor(() => expect(body()).not.toBeNull());
    expect(body()?.map(({ type }) => type)).toEqual([
      'heading',
      'paragraph',
      'heading',
      'list',
      'paragraph',
      'list',
      'list',
      'code',
      'paragraph',
    ]);
    expect(body()?.[3]).toMatchObject({
      format: 'unordered',
      children: [
        { type: 'list-item', children: [{ text: 'Passport' }] },
        { type: 'list', children: [{ type: 'list-item' }, { type: 'list' }] },
        { type: 'list-item', children: [{ text: 'Ticket' }] },
      ],
    });
    expect(await screen.findByText('Pasted. Some things couldn’t be kept:')).toBeTruthy();
    expect(screen.getByText(/1 table became a list/)).toBeTruthy();
    const link = screen.getByRole('link', { name: 'A ferry at the quay' });
    expect(link.getAttribute('rel')).toContain('noreferrer');
    fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(screen.queryByText('Pasted. Some things couldn’t be kept:')).toBeNull();
  });

  it('is taken back by one undo, and leaves what was typed before', async () => {
    const before = [paragraph('Before')];
    const { text, body, store } = await open(before);
    act(() => store.set('body', [paragraph('Before!')]));
    paste(text, { 'text/html': clipboardFile('word.html'), 'text/plain': 'x' });
    await waitFor(() => expect(body()?.length).toBeGreaterThan(5));
    fireEvent.keyDown(text, { key: 'z', ctrlKey: true });
    expect(body()).toEqual([paragraph('Before!')]);
    await waitFor(() => expect(text.textContent).toBe('Before!'));
    act(() => void store.redo());
    expect(body()?.length).toBeGreaterThan(5);
  });

  it('reads Markdown, and leaves it plain with Ctrl+Shift+V', async () => {
    const { text, body } = await open();
    paste(text, { 'text/plain': '# One\n\n- two\n- three' });
    await waitFor(() => expect(body()?.map(({ type }) => type)).toEqual(['heading', 'list']));
    fireEvent.keyDown(text, { key: 'z', ctrlKey: true });
    fireEvent.keyDown(text, { key: 'V', ctrlKey: true, shiftKey: true });
    paste(text, { 'text/html': '<h1>One</h1>', 'text/plain': '# One' });
    await waitFor(() => expect(body()).toEqual([paragraph('# One')]));
  });

  it('makes a link of words that an address is pasted over', async () => {
    const { text, body } = await open([paragraph('See the timetable here')]);
    select(text, 'the timetable');
    paste(text, { 'text/plain': 'https://example.com/t' });
    await waitFor(() =>
      expect(body()?.[0]?.children).toEqual([
        { type: 'text', text: 'See ' },
        { type: 'link', url: 'https://example.com/t', children: [{ type: 'text', text: 'the timetable' }] },
        { type: 'text', text: ' here' },
      ]),
    );
    select(text, 'here');
    paste(text, { 'text/plain': 'javascript:alert(1)' });
    await waitFor(() => expect(text.textContent).toBe('See the timetable javascript:alert(1)'));
    expect(JSON.stringify(body())).not.toContain('"url":"javascript');
  });

  it('uploads a picture of the clipboard, shows how far it is, and asks what it shows', async () => {
    const { arrive, changed } = holdUploads();
    const { text, body, store } = await open([paragraph('One')]);
    paste(text, {}, [new File(['x'], 'shot.png', { type: 'image/png' })]);
    expect(await screen.findByRole('progressbar', { name: 'Uploading shot.png' })).toBeTruthy();
    expect(store.uploads.count).toBe(1);
    expect(body()).toEqual([paragraph('One')]);
    await waitFor(() => expect(arrive).toHaveLength(1));
    act(() => arrive[0]?.());
    await waitFor(() => expect(body()?.[1]).toMatchObject({ type: 'image', image: { id: 1, url: '/uploads/x.png' } }));
    expect(store.uploads.count).toBe(0);
    const field = await screen.findByRole('textbox', { name: 'Alternative text of shot.png' });
    fireEvent.change(field, { target: { value: 'A quay' } });
    fireEvent.click(screen.getByRole('button', { name: 'Done' }));
    await waitFor(() => expect(body()?.[1]).toMatchObject({ image: { alternativeText: 'A quay' } }));
    expect(changed).toHaveBeenCalledWith('d', { alternativeText: 'A quay' });
    expect(screen.queryByRole('textbox', { name: /Alternative text/ })).toBeNull();
  });

  it('takes a paste and its pictures back by one undo, whether they have arrived or not', async () => {
    const { arrive } = holdUploads();
    const html = `<p>a</p><img src="${PNG}" alt="First"><p>b</p><img src="${PNG}"><p>c</p>`;
    const { text, body, store } = await open([paragraph('One')]);
    paste(text, { 'text/html': html });
    await waitFor(() => expect(arrive).toHaveLength(2));
    act(() => arrive[0]?.());
    await waitFor(() => expect(body()?.some(({ type }) => type === 'image')).toBe(true));
    fireEvent.keyDown(text, { key: 'z', ctrlKey: true });
    expect(body()).toEqual([paragraph('One')]);
    await waitFor(() => expect(store.uploads.count).toBe(0));
    act(() => arrive[1]?.());
    expect(screen.queryByRole('progressbar')).toBeNull();
    expect(body()).toEqual([paragraph('One')]);
  });

  it('stops a picture that nothing came with by undo, and touches nothing else', async () => {
    const { arrive } = holdUploads();
    const { text, body, store } = await open([paragraph('One')]);
    act(() => store.set('body', [paragraph('Two')]));
    paste(text, {}, [new File(['x'], 'shot.png', { type: 'image/png' })]);
    await waitFor(() => expect(arrive).toHaveLength(1));
    fireEvent.keyDown(text, { key: 'z', ctrlKey: true });
    expect(body()).toEqual([paragraph('Two')]);
    await waitFor(() => expect(screen.queryByRole('progressbar')).toBeNull());
  });

  it('keeps the place of a picture while somebody types', async () => {
    const { arrive } = holdUploads();
    const { text, body, store } = await open();
    paste(text, { 'text/html': `<p>a</p><img src="${PNG}"><p>b</p>` });
    await waitFor(() => expect(arrive).toHaveLength(1));
    act(() => store.set('body', [paragraph('new'), ...(body() ?? [])]));
    act(() => arrive[0]?.());
    await waitFor(() =>
      expect(body()?.map(({ type }) => type)).toEqual(['paragraph', 'paragraph', 'image', 'paragraph']),
    );
  });

  it('refuses what is more than a text can hold, and changes nothing', async () => {
    const { text, body } = await open([paragraph('One')]);
    paste(text, { 'text/html': '<p>x</p>'.repeat(5001) });
    expect(await screen.findByText(/Nothing was pasted: this is too much/)).toBeTruthy();
    expect(body()).toEqual([paragraph('One')]);
  });

  it('is the same each time', async () => {
    const { text, body } = await open();
    paste(text, { 'text/html': '<p>a <b>b</b></p><p>c</p>' });
    await waitFor(() => expect(body()).toHaveLength(2));
    const once = body();
    fireEvent.keyDown(text, { key: 'z', ctrlKey: true });
    paste(text, { 'text/html': '<p>a <b>b</b></p><p>c</p>' });
    await waitFor(() => expect(body()).toEqual(once));
  });

  it('brings no parts of a hostile page', async () => {
    const { text, body } = await open();
    const json = JSON.stringify({ type: 'image', image: { url: 'https://evil.example/x.png' } });
    paste(text, {
      'text/html': `<p onclick="x()">a<script>alert(1)</script></p><figure data-image data-json='${json}'></figure><img src="https://evil.example/y.png" onerror="x()">`,
    });
    await waitFor(() => expect(body()).toEqual([paragraph('a')]));
    expect(text.querySelector('script, [onclick], [onerror], img')).toBeNull();
  });
});
