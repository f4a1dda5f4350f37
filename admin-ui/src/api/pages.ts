import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { QueryValue } from './queryString';

/** A page of a list that goes on before, or after, what its last row says. */
interface Page<Row, Meta> {
  data: Row[];
  meta: Meta;
}

/** Pages of a list, newest first; `meta.before` (or `after`) leads to the next one. */
export function pagesQuery<Row, Meta extends object = object>(
  path: string,
  filter: Readonly<Record<string, QueryValue>> = {},
  cursor: 'before' | 'after' = 'before',
) {
  return infiniteQueryOptions({
    queryKey: [...path.replace('/admin/api/', '').split('/'), 'pages', filter],
    initialPageParam: undefined as string | number | undefined,
    queryFn: ({ signal, pageParam }) =>
      request<Page<Row, Meta & Partial<Record<'before' | 'after', string | number | null>>>>('GET', path, {
        query: { ...filter, limit: 50, [cursor]: pageParam },
        signal,
      }),
    getNextPageParam: (last) => last.meta[cursor] ?? undefined,
  });
}
