import { Button, Skeleton, Text, ThemeIcon, Title, type TitleOrder } from '@mantine/core';
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useContext, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry, Query } from '@/api/content';
import { type ContentType, contentTypeOf } from '@/api/model';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDate, formatTime } from '@/ui/format';
import { titleOf } from '@/views/cells/Card';
import { FormattedValue } from '@/views/cells/FormattedValue';
import { navigateOnClick } from '@/views/cells/navigateOnClick';
import { buildEntryQuery, type Viewer } from '@/views/entries/entryQuery';
import { listAll, MAX_LISTED } from '@/views/entries/listAll';
import { entriesKey } from '@/views/entries/useEntryRows';
import { valueAt } from '@/views/fieldPath';
import { parseView } from '@/views/parseView';
import type { ViewProblem } from '@/views/problems';
import { selectFields } from '@/views/selection';
import { columnFields, resolveColumns, type TableColumn } from '@/views/table/columns';
import { COLOURS } from '@/views/tones';
import { HeadingContext, narrowFilter, type TypeFilter, TypeFiltersContext, useLabels, useView } from '../context';
import { type FeedItem, groupByDay, mergeItems, momentOf, nearDay } from '../feed';
import { NamedIcon } from '../icons';
import type { BlockOf, FeedSource } from '../types';
import { BlockSection } from './BlockSection';
import classes from './Feed.module.css';
import { InvalidQuery } from './MissingContentType';

/** Items that are shown at first, and that come with each "more". */
const PAGE_SIZE = 20;
/** Lines of a text that is not expanded. */
const TEXT_LINES = 4;
/** Letters that fit into these lines for certain. */
const SHORT_TEXT = 160;

/** A source of a feed, ready to be read. */
interface ResolvedSource {
  source: FeedSource;
  type: ContentType;
  query: Query;
  details: readonly TableColumn[];
}

/** An item with the document that it is about. */
interface EntryItem extends FeedItem {
  entry: Entry;
}

/** What happened, the latest first, by day: documents of several types, each by a date of its own. A type that nobody may read is left out. */
export default function Feed({ block }: { block: BlockOf<'feed'> }) {
  const label = useLabels();
  const { model, viewer, language } = useView();
  const { t } = useTranslation('views');
  const around = useContext(TypeFiltersContext);
  const { sources, problems } = useMemo(
    () => resolveSources(block.sources, viewer, around, language, (own) => t(`own.${own}`)),
    [block.sources, viewer, around, language, t],
  );
  const known = block.sources.some(({ type }) => contentTypeOf(model, type));
  return (
    <BlockSection label={label(block.label)}>
      {problems.length > 0 && known ? (
        <InvalidQuery problems={problems} />
      ) : (
        <FeedContent sources={sources} empty={label(block.empty)} labelled={label(block.label) !== undefined} />
      )}
    </BlockSection>
  );
}

/** Reads sources in the words of the generic views: the type, its date and title as a timeline has them, details as columns of a table. */
function resolveSources(
  sources: readonly FeedSource[],
  viewer: Viewer,
  around: readonly TypeFilter[],
  language: string,
  named: (own: string) => string,
): { sources: ResolvedSource[]; problems: ViewProblem[] } {
  const { model } = viewer;
  const resolved: ResolvedSource[] = [];
  const problems: ViewProblem[] = [];
  for (const source of sources) {
    const { type: uid, date, title, text, filters, status, details = [] } = source;
    const type = contentTypeOf(model, uid);
    if (!type) continue;
    const badges = text === undefined ? undefined : [text];
    const words = { kind: 'timeline', type: uid, date, title, badges, filters, status };
    const timeline = parseView(
      Object.fromEntries(Object.entries(words).filter(([, word]) => word !== undefined)),
      model,
    );
    const table = parseView({ kind: 'table', type: uid, columns: details }, model);
    problems.push(...timeline.problems, ...table.problems);
    if (timeline.view?.kind !== 'timeline' || table.view?.kind !== 'table') continue;
    const columns = resolveColumns(model, type, table.view.columns ?? [], language, named);
    const all = narrowFilter(timeline.view.filters, uid, around);
    const query = buildEntryQuery(type, { ...timeline.view, ...(all ? { filters: all } : {}) }, viewer);
    const dated = { [date]: { $notNull: true } };
    resolved.push({
      source,
      type,
      details: columns,
      query: {
        ...query,
        filters: query.filters ? { $and: [query.filters, dated] } : dated,
        sort: [`${date}:desc`],
        ...selectFields(model, type, [
          date,
          ...(title ? [title] : []),
          ...(text ? [text] : []),
          ...columnFields(type, columns),
        ]),
      },
    });
  }
  return { sources: resolved, problems };
}

interface FeedContentProps {
  sources: readonly ResolvedSource[];
  empty: string | undefined;
  /** A heading stands above: those of the days are below it. */
  labelled: boolean;
}

function FeedContent({ sources, empty, labelled }: FeedContentProps) {
  const { t } = useTranslation(['pluginView', 'common']);
  const order = useContext(HeadingContext) + (labelled ? 1 : 0);
  const { viewer } = useView();
  const [limit, setLimit] = useState(PAGE_SIZE);
  const { lists, total, error, isPending, isStale, retry } = useQueries({
    queries: sources.map(({ type, query }) => ({
      queryKey: [...entriesKey(type.uid), 'feed', query, limit],
      queryFn: ({ signal }: { signal: AbortSignal }) => listAll(type, query, signal, limit),
      placeholderData: keepPreviousData,
    })),
    combine: (results) => ({
      lists: results.map(({ data }) => data?.all ?? []),
      total: results.reduce((sum, { data }) => sum + (data?.total ?? 0), 0),
      error: results.find((result) => result.error)?.error,
      isPending: results.some((result) => result.isPending),
      isStale: results.some((result) => result.isPlaceholderData),
      retry: () => results.forEach((result) => void (result.error && result.refetch())),
    }),
  });
  const days = useMemo(() => {
    const items = sources.map(({ source: { date } }, at) =>
      (lists[at] ?? []).flatMap((entry): EntryItem[] => {
        const moment = momentOf(valueAt(entry, date));
        return moment ? [{ source: at, documentId: entry.documentId, entry, ...moment }] : [];
      }),
    );
    return groupByDay(mergeItems(items, limit));
  }, [sources, lists, limit]);
  if (error) return <ErrorMessage error={error} retry={retry} />;
  if (isPending) {
    return (
      <DelayedContent>
        <Skeleton h={120} />
      </DelayedContent>
    );
  }
  if (days.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {empty ?? t('pluginView:feed.nothing')}
      </Text>
    );
  }
  return (
    <>
      {days.map(({ day, items }) => {
        const near = nearDay(day, viewer.now);
        return (
          <section key={day} className={classes.day}>
            <Title order={order as TitleOrder} size="h6" c="dimmed">
              {near ? t(`pluginView:feed.${near}`) : formatDate(items[0]?.at ?? day, { dateStyle: 'full' })}
            </Title>
            <ol className={classes.items}>
              {items.map((item) => {
                const source = sources[item.source];
                return source && <Item key={`${item.source} ${item.documentId}`} item={item} resolved={source} />;
              })}
            </ol>
          </section>
        );
      })}
      {total > limit &&
        (limit < MAX_LISTED ? (
          <Button
            variant="default"
            size="compact-sm"
            mt="xs"
            loading={isStale}
            onClick={() => setLimit(Math.min(limit + PAGE_SIZE, MAX_LISTED))}
          >
            {t('common:more')}
          </Button>
        ) : (
          <Text size="sm" c="dimmed" mt="xs">
            {t('pluginView:feed.tooMany')}
          </Text>
        ))}
    </>
  );
}

function Item({ item, resolved }: { item: EntryItem; resolved: ResolvedSource }) {
  const label = useLabels();
  const { navigation } = useView();
  const { source, type, details } = resolved;
  const { entry, at, timed } = item;
  const text = source.text === undefined ? undefined : valueAt(entry, source.text);
  const shown = details.filter(({ field }) => hasValue(valueAt(entry, field)));
  return (
    <li className={classes.item}>
      <ThemeIcon
        className={classes.icon}
        variant="light"
        size={24}
        radius="xl"
        color={COLOURS[source.tone ?? 'neutral']}
      >
        <NamedIcon name={source.icon ?? 'clock'} size={14} />
      </ThemeIcon>
      <div className={classes.body}>
        <div className={classes.line}>
          {source.label && (
            <Text span size="sm">
              {label(source.label)}
            </Text>
          )}
          <a
            className={classes.title}
            href={navigation.href(type.uid, entry)}
            onClick={navigateOnClick(() => navigation.open(type.uid, entry))}
          >
            {titleOf(type, entry, source.title)}
          </a>
          {timed && (
            <Text span size="xs" c="dimmed">
              <time dateTime={at.toISOString()}>{formatTime(at)}</time>
            </Text>
          )}
        </div>
        {shown.length > 0 && (
          <div className={classes.line}>
            {shown.map(({ field, at: found, format }) => (
              <Text key={field} span size="xs" c="dimmed">
                {found && <FormattedValue entry={entry} field={field} at={found} format={format} />}
              </Text>
            ))}
          </div>
        )}
        {typeof text === 'string' && text.trim() !== '' && <ItemText text={text.trim()} />}
      </div>
    </li>
  );
}

/** A text, which may be long. */
function ItemText({ text }: { text: string }) {
  const { t } = useTranslation('pluginView');
  const [expanded, setExpanded] = useState(false);
  const isShort = text.length <= SHORT_TEXT && text.split('\n').length <= TEXT_LINES;
  return (
    <>
      <Text size="sm" className={classes.text} lineClamp={isShort || expanded ? undefined : TEXT_LINES}>
        {text}
      </Text>
      {!isShort && (
        <Button variant="subtle" size="compact-xs" aria-expanded={expanded} onClick={() => setExpanded(!expanded)}>
          {t(expanded ? 'feed.collapse' : 'feed.expand')}
        </Button>
      )}
    </>
  );
}

function hasValue(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '';
}
