import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Model } from '@/api/model';
import { useLiveTypes } from './useLiveTypes';

/** A stream that says what it is told to. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static open: FakeSource[] = [];
  readyState = 1;
  constructor(readonly url: string) {
    super();
    FakeSource.open.push(this);
  }
  tell(name: string, data: object): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
  /** Ends as after an answer that is no stream. */
  refuse(): void {
    this.readyState = FakeSource.CLOSED;
    this.dispatchEvent(new Event('error'));
  }
  close(): void {
    FakeSource.open = FakeSource.open.filter((source) => source !== this);
  }
}

const model = {
  contentTypes: [
    { uid: 'plugin::crm.deal', can: { find: true } },
    { uid: 'plugin::crm.lead', can: { find: false } },
    { uid: 'plugin::crm.note', can: { find: true } },
  ],
} as unknown as Model;

const UIDS = ['plugin::crm.deal', 'plugin::crm.lead', 'plugin::crm.gone'];

let hidden = false;

function setHidden(value: boolean): void {
  hidden = value;
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeSource);
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden);
});

afterEach(() => {
  hidden = false;
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function follow(uids: readonly string[] | undefined) {
  const queries = new QueryClient();
  const invalidated = vi.spyOn(queries, 'invalidateQueries');
  const changed = vi.fn();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  const { unmount } = renderHook(() => useLiveTypes(model, uids, changed), { wrapper });
  return { invalidated, changed, unmount };
}

test('changes that come together are read once', () => {
  const { invalidated, changed, unmount } = follow(UIDS);
  expect(FakeSource.open.map(({ url }) => url)).toEqual(['/admin/api/live?types=plugin%3A%3Acrm.deal']);
  act(() => {
    for (const name of ['ready', 'entry.update', 'entry.create', 'entry.update'])
      FakeSource.open[0]?.dispatchEvent(new Event(name));
  });
  expect(changed).not.toHaveBeenCalled();
  act(() => vi.advanceTimersByTime(500));
  expect(changed).toHaveBeenCalledTimes(1);
  expect(invalidated).toHaveBeenCalledTimes(1);
  expect(invalidated).toHaveBeenCalledWith({ queryKey: ['content', 'plugin::crm.deal'] });
  unmount();
  expect(FakeSource.open).toEqual([]);
});

test('the types that changed are told, all of them where messages were missed', () => {
  const { changed, unmount } = follow(['plugin::crm.deal', 'plugin::crm.note']);
  const source = FakeSource.open[0];
  source?.tell('entry.update', { uid: 'plugin::crm.note', documentId: 'a' });
  source?.tell('entry.hidden', { uid: 'plugin::crm.note', documentId: 'b' });
  vi.advanceTimersByTime(500);
  source?.tell('reset', { reason: 'missed' });
  vi.advanceTimersByTime(500);
  source?.tell('entry.create', { uid: 'plugin::crm.deal', documentId: 'c' });
  vi.advanceTimersByTime(500);
  expect(changed.mock.calls).toEqual([
    [['plugin::crm.note']],
    [['plugin::crm.deal', 'plugin::crm.note']],
    [['plugin::crm.deal']],
  ]);
  unmount();
});

test('a hidden tab has no connection, and reads what it missed once it is looked at', () => {
  const { changed, unmount } = follow(UIDS);
  act(() => setHidden(true));
  expect(FakeSource.open).toEqual([]);
  act(() => setHidden(false));
  expect(FakeSource.open).toHaveLength(1);
  act(() => FakeSource.open[0]?.tell('ready', {}));
  act(() => vi.advanceTimersByTime(500));
  expect(changed).toHaveBeenCalledTimes(1);
  unmount();
});

test('a refused connection is tried again after waits that grow, and what was missed is read once it is there', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const { changed, unmount } = follow(UIDS);
  for (const wait of [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
    expect(FakeSource.open).toHaveLength(1);
    act(() => FakeSource.open[0]?.refuse());
    act(() => vi.advanceTimersByTime(wait - 1));
    expect(FakeSource.open).toEqual([]);
    act(() => vi.advanceTimersByTime(1));
  }
  act(() => FakeSource.open[0]?.tell('ready', {}));
  act(() => vi.advanceTimersByTime(500));
  expect(changed).toHaveBeenCalledTimes(1);
  // After a success the waits begin anew; an interruption is the browser's own.
  act(() => FakeSource.open[0]?.dispatchEvent(new Event('error')));
  expect(FakeSource.open).toHaveLength(1);
  act(() => FakeSource.open[0]?.refuse());
  act(() => vi.advanceTimersByTime(2_000));
  expect(FakeSource.open).toHaveLength(1);
  // Nothing is tried behind a tab that is hidden or gone.
  act(() => FakeSource.open[0]?.refuse());
  act(() => setHidden(true));
  act(() => vi.advanceTimersByTime(120_000));
  expect(FakeSource.open).toEqual([]);
  act(() => setHidden(false));
  expect(FakeSource.open).toHaveLength(1);
  act(() => FakeSource.open[0]?.refuse());
  unmount();
  vi.advanceTimersByTime(120_000);
  expect(FakeSource.open).toEqual([]);
});

test('a view that follows nothing, or nothing that may be read, opens no connection', () => {
  for (const uids of [undefined, [], ['plugin::crm.lead', 'plugin::crm.gone']]) {
    const { unmount } = follow(uids);
    expect(FakeSource.open).toEqual([]);
    unmount();
  }
});
