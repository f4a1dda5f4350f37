import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { listEntries, type Query } from '@/api/content';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { Card, cardFields } from '../cells/Card';
import type { GalleryViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { entriesKey } from '../entries/useEntryRows';
import { selectFields } from '../selection';
import classes from './Gallery.module.css';

/** Cards that are fetched at a time. */
const PAGE_SIZE = 48;

/** Entries by their pictures. */
export function GalleryView({
  model,
  type,
  definition,
  query: entryQuery,
  href,
  open,
  menu,
}: EntriesViewProps<GalleryViewDef>) {
  const { t } = useTranslation(['views', 'common']);
  const query = useMemo(
    (): Query => ({
      ...entryQuery,
      sort: definition.sort ?? ['updatedAt:desc'],
      ...selectFields(model, type, cardFields(type, definition)),
    }),
    [entryQuery, definition, model, type],
  );
  const cards = useInfiniteQuery({
    queryKey: [...entriesKey(type.uid), 'gallery', query],
    queryFn: ({ pageParam, signal }) =>
      listEntries(type, { ...query, pagination: { page: pageParam, pageSize: PAGE_SIZE } }, signal),
    initialPageParam: 1,
    getNextPageParam: (last, pages) => (pages.length * PAGE_SIZE < last.total ? pages.length + 1 : undefined),
  });
  const rows = (cards.data?.pages ?? []).flatMap((page) =>
    page.entries.map((entry) => ({
      entry,
      state: page.states[entry.documentId],
      review: page.reviews[entry.documentId],
    })),
  );
  if (cards.error) return <ErrorMessage error={cards.error} retry={() => void cards.refetch()} />;
  if (cards.isPending) {
    return (
      <DelayedContent>
        <Skeleton h={240} />
      </DelayedContent>
    );
  }
  if (rows.length === 0) return <EmptyState title={t('views:gallery.empty')} />;
  return (
    <div className={classes.scroll}>
      <ul className={classes.gallery}>
        {rows.map((row) => (
          <li key={row.entry.documentId} className={classes.card}>
            <Card
              model={model}
              type={type}
              row={row}
              title={definition.title}
              cover={definition.cover}
              badges={definition.badges}
              href={href}
              open={open}
              menu={menu?.(row.entry)}
            />
          </li>
        ))}
      </ul>
      {cards.hasNextPage && (
        <Button variant="default" mt="sm" loading={cards.isFetchingNextPage} onClick={() => void cards.fetchNextPage()}>
          {t('common:more')}
        </Button>
      )}
    </div>
  );
}
