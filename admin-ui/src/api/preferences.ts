import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from './client';

/** What somebody has set for themselves, kept on the server: one value per name. */
export type Preferences = Record<string, unknown>;

const PATH = '/admin/api/me/preferences';

export const preferencesQuery = queryOptions({
  queryKey: ['preferences'],
  queryFn: async ({ signal }) => (await request<{ data: Preferences }>('GET', PATH, { signal })).data,
  staleTime: Number.POSITIVE_INFINITY,
});

/**
 * One preference and its setter. Names begin with the feature: `media.layout`. The value is seen at once, before the server
 * has it; `read` turns whatever is stored (perhaps by an older version) into a value.
 */
export function usePreference<Value>(name: string, read: (stored: unknown) => Value): [Value, (value: Value) => void] {
  const queries = useQueryClient();
  const { data } = useQuery(preferencesQuery);
  const { mutate } = useMutation({
    // One after the other, or an older value could overtake a newer one.
    scope: { id: `preference ${name}` },
    mutationFn: (value: Value) => request('PUT', PATH, { body: { [name]: value ?? null } }),
    onError: () => queries.invalidateQueries({ queryKey: preferencesQuery.queryKey }),
  });
  return [
    read(data?.[name]),
    (value) => {
      queries.setQueryData<Preferences>(preferencesQuery.queryKey, (old) => ({ ...old, [name]: value }));
      mutate(value);
    },
  ];
}
