// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ContentType, Model } from '@/api/model';
import { EntryStore } from '@/fields/form/store';
import type { EntrySession } from '../session';
import { LivePreview } from './LivePreview';

const SITE = 'https://site.example';
const type = { uid: 'api::a.a', attributes: { title: { type: 'string' }, body: { type: 'richtext' } } };
const model: Model = { contentTypes: [], hash: '', locked: false, components: [] };
const source = (more: object = {}) =>
  new URLSearchParams({ documentId: 'd', path: 'title', model: 'api::a.a', ...more }).toString();

let store: EntryStore;
let unsaved: boolean;
let told: { type: string; values?: object[] }[];
let frame: HTMLIFrameElement;
let live: LivePreview;
const onField = vi.fn();
const onOther = vi.fn();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'cancelAnimationFrame'] });
  store = new EntryStore({ title: 'a', body: 'b' });
  unsaved = true;
  told = [];
  frame = document.createElement('iframe');
  document.body.append(frame);
  const { contentWindow } = frame;
  if (!contentWindow) throw new Error('no window');
  contentWindow.postMessage = ((message: { type: string }, origin: string) => {
    expect(origin).toBe(SITE);
    told.push(message);
  }) as typeof contentWindow.postMessage;
  const session = {
    store,
    model,
    type: type as unknown as ContentType,
    documentId: 'd',
    locale: undefined,
    get unsaved() {
      return unsaved;
    },
  } as unknown as EntrySession;
  live = new LivePreview({
    session,
    frame,
    origin: SITE,
    showsDraft: true,
    onConnect: () => undefined,
    onField,
    onOther,
  });
});

afterEach(() => {
  live.stop();
  frame.remove();
  onField.mockClear();
  onOther.mockClear();
  vi.useRealTimers();
});

const say = (data: object, from: { origin?: string; window?: Window | null } = {}) =>
  window.dispatchEvent(
    new MessageEvent('message', {
      data,
      origin: from.origin ?? SITE,
      source: from.window === undefined ? frame.contentWindow : from.window,
    }),
  );
/** A title as the page is told it. */
const value = (to: string) => ({ path: 'title', from: 'a', to, documentId: 'd', locale: undefined });
const nextFrame = () => vi.advanceTimersToNextFrame();

test('texts are told once in a frame, and taken back', () => {
  store.set('title', 'early');
  nextFrame();
  expect(told).toEqual([]);
  say({ type: 'cairn:hello' });
  nextFrame();
  expect(told).toEqual([{ type: 'cairn:connected' }, { type: 'cairn:values', values: [value('early')] }]);
  store.set('title', 'earl');
  store.set('title', 'ear');
  nextFrame();
  expect(told.at(-1)).toEqual({ type: 'cairn:values', values: [value('ear')] });
  store.set('title', 'a');
  nextFrame();
  expect(told.at(-1)).toEqual({ type: 'cairn:values', values: [value('a')] });
  expect(told).toHaveLength(4);
});

test('the page is asked to draw itself anew only for what it cannot show', () => {
  expect(live.saved()).toBe(false);
  say({ type: 'cairn:hello' });
  store.set('title', 'b');
  nextFrame();
  expect(live.saved()).toBe(true);
  expect(told.map(({ type: kind }) => kind)).toEqual(['cairn:connected', 'cairn:values']);
  say({ type: 'cairn:missed' });
  expect(live.saved()).toBe(true);
  expect(told.at(-1)).toEqual({ type: 'strapiUpdate' });
  store.set('body', 'c');
  expect(live.saved()).toBe(true);
  expect(told.filter(({ type: kind }) => kind === 'strapiUpdate')).toHaveLength(2);
  // What is missed when everything is saved already waits for nothing.
  unsaved = false;
  say({ type: 'cairn:missed' });
  expect(told.filter(({ type: kind }) => kind === 'strapiUpdate')).toHaveLength(3);
});

test('a click opens a field here, and is told of another entry', () => {
  say({ type: 'cairn:open', source: source() });
  expect(onField).toHaveBeenCalledWith('title');
  say({ type: 'cairn:open', source: source({ documentId: 'e', locale: 'nl' }) });
  expect(onOther).toHaveBeenCalledWith({ uid: 'api::a.a', documentId: 'e', path: 'title', locale: 'nl' });
  onField.mockClear();
  for (const wrong of ['', 'x', source({ path: '../x' }), source({ path: 'gone' }), source({ documentId: '<b>' })])
    say({ type: 'cairn:open', source: wrong });
  for (const data of [null, 1, 'cairn:open', {}, { type: 'cairn:open' }, { type: 'cairn:open', source: 1 }])
    say(data as object);
  expect(onField).not.toHaveBeenCalled();
  expect(onOther).toHaveBeenCalledTimes(1);
});

test('nobody but the site in the frame is listened to', () => {
  say({ type: 'cairn:hello' }, { origin: 'https://site.example.evil.example' });
  say({ type: 'cairn:hello' }, { origin: 'null' });
  say({ type: 'cairn:hello' }, { window });
  say({ type: 'cairn:hello' }, { window: null });
  say({ type: 'cairn:open', source: source() }, { origin: window.location.origin });
  store.set('title', 'b');
  nextFrame();
  expect(told).toEqual([]);
  expect(onField).not.toHaveBeenCalled();
  expect(live.saved()).toBe(false);
});

test('a page that was written for Strapi gets the script', async () => {
  const answer = new Response('script()');
  vi.spyOn(window, 'fetch').mockResolvedValue(answer);
  say({ type: 'previewReady' });
  await vi.waitFor(() => expect(told).toHaveLength(1));
  const script = `window.cairnAdmin=${JSON.stringify(window.location.origin)};script()`;
  expect(told).toEqual([{ type: 'strapiScript', payload: { script } }]);
});
