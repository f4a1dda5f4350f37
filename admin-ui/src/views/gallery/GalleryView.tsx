import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { listEntries, type Query } from '@/api/content';
import { Delayed } from '@/ui/Delayed';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { Card, cardFields } from '../cells/Card';
import type { GalleryViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { entriesKey } from '../entries/useEntryRows';
import { selectionOf } from '../selection';
import classes from './Gallery.module.css';

/** Cards that are fetched at a time. */
const PAGE = 48;

/** Entries by their pictures. */
export function GalleryView({ model, type, definition, found, href, open, menu }: EntriesViewProps<GalleryViewDef>) {
  const { t } = useTranslation(['views', 'common']);
  const query = useMemo(
    (): Query => ({
      ...found,
      sort: definition.sort ?? ['updatedAt:desc'],
      ...selectionOf(model, type, cardFields(type, definition)),
    }),
    [found, definition, model, type],
  );
  const cards = useInfiniteQuery({
    queryKey: [...entriesKey(type.uid), 'gallery', query],
    queryFn: ({ pageParam, signal }) =>
      listEntries(type, { ...query, pagination: { page: pageParam, pageSize: PAGE } }, signal),
    initialPageParam: 1,
    getNextPageParam: (last, pages) => (pages.length * PAGE < last.total ? pages.length + 1 : undefined),
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
      <Delayed>
        <Skeleton h={240} />
      </Delayed>
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
