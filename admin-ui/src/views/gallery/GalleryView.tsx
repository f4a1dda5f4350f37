import { Skeleton } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Query } from '@/api/content';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { MoreButton } from '@/ui/MoreButton';
import { Card, cardFields } from '../cells/Card';
import type { GalleryViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { useEntryPages } from '../entries/useEntryPages';
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
  const { pages, rows } = useEntryPages(type, 'gallery', query, PAGE_SIZE);
  if (pages.error) return <ErrorMessage error={pages.error} retry={() => void pages.refetch()} />;
  if (pages.isPending) {
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
      <MoreButton pages={pages} mt="sm" />
    </div>
  );
}
