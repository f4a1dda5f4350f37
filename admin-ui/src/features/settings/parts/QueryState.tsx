import { Skeleton, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';

interface Props<Data> {
  query: { data: Data | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  children: (data: Data) => ReactNode;
}

/** What was read, or why not yet. What is there stays while it cannot be read anew. */
export function QueryState<Data>({ query, children }: Props<Data>) {
  return (
    <>
      {query.error != null && <ErrorMessage error={query.error} retry={() => void query.refetch()} />}
      {query.data !== undefined
        ? children(query.data)
        : query.isPending && (
            <DelayedContent>
              <Stack gap="xs">
                <Skeleton h={36} />
                <Skeleton h={36} />
                <Skeleton h={36} />
              </Stack>
            </DelayedContent>
          )}
    </>
  );
}
