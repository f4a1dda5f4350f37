import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import { type ReactNode, useState } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { modelQuery } from '@/api/contentTypes';
import { useWatchedTypes } from './useWatchedTypes';

const sources = new Set<{ url: string }>();

class FakeSource extends EventTarget {
  constructor(readonly url: string) {
    super();
    sources.add(this);
  }
  close(): void {
    sources.delete(this);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeSource);
});

afterEach(() => {
  sources.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const DEAL = 'plugin::crm.deal';

function renderWatch() {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  const contentTypes = [
    { uid: DEAL, can: { find: true } },
    { uid: 'plugin::crm.lead', can: { find: false } },
  ];
  queries.setQueryData(modelQuery.queryKey as readonly unknown[], { contentTypes });
  const told = vi.fn();
  const hook = renderHook(
    ({ ready }: { ready: boolean }) => {
      const [watched, watch] = useState<readonly string[]>([]);
      useWatchedTypes({ watched, watch, ready, tell: told });
      return { watched, watch };
    },
    {
      initialProps: { ready: true },
      wrapper: ({ children }: { children: ReactNode }) => (
        <QueryClientProvider client={queries}>{children}</QueryClientProvider>
      ),
    },
  );
  return { told, ...hook };
}

const urls = () => [...sources].map(({ url }) => decodeURIComponent(url));

test('a frame is told of the types that it watches and that may be read', () => {
  const { told, result, unmount } = renderWatch();
  expect(urls()).toEqual([]);
  act(() => result.current.watch([DEAL, 'plugin::crm.lead']));
  expect(urls()).toEqual([`/admin/api/live?types=${DEAL}`]);
  const data = JSON.stringify({ uid: DEAL });
  for (const source of sources) (source as FakeSource).dispatchEvent(new MessageEvent('entry.update', { data }));
  act(() => vi.advanceTimersByTime(1000));
  expect(told.mock.calls).toEqual([[[DEAL]]]);
  act(() => result.current.watch([]));
  expect(urls()).toEqual([]);
  unmount();
});

test('nothing is watched any more once the page has gone, also by the next one', () => {
  const { result, rerender, unmount } = renderWatch();
  act(() => result.current.watch([DEAL]));
  expect(urls()).toHaveLength(1);
  rerender({ ready: false });
  expect(urls()).toEqual([]);
  rerender({ ready: true });
  expect(urls()).toEqual([]);
  act(() => result.current.watch([DEAL]));
  expect(urls()).toHaveLength(1);
  unmount();
  expect(urls()).toEqual([]);
});
