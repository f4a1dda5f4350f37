import { Badge, Checkbox, MultiSelect, Pill, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useMutation, useQueries, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { type ContentType, pluralNameOf } from '@/api/model';
import { addToRelease, type NewItem, type ReleaseItem } from '@/api/releases';
import { useSession } from '@/api/session';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime, formatList, languageName } from '@/ui/format';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';
import { StatusBadge } from '@/views/cells/StatusBadge';
import { limitConcurrency } from '@/views/entries/limit';
import { PUBLICATION_STATES } from '@/views/review/editorial';
import classes from '../Releases.module.css';
import {
  type EntrySearch,
  findPart,
  type FoundEntry,
  itemKey,
  mergeFound,
  releasableTypes,
  searchParts,
} from './entrySearch';

type Action = NewItem['action'];

interface Chosen {
  entry: FoundEntry;
  action: Action;
}

interface Props {
  release: number;
  /** What is in the release already. */
  items: readonly ReleaseItem[];
  onAdded: () => Promise<void>;
  onClose: () => void;
}

/** Milliseconds of rest after which what was typed is looked for. */
const SEARCH_DELAY_MS = 250;

/** Entries that are shown at once. */
const MAX_SHOWN = 50;

/** Requests of a search that are sent at once. */
const limiter = limitConcurrency(4);

const NO_SEARCH: EntrySearch = { words: '', types: [], locales: [], states: [] };
const NO_TYPES: readonly ContentType[] = [];

/** Finds entries of all types and adds several of them to a release, each to be published or unpublished. */
export default function AddEntriesDialog({ release, items, onAdded, onClose }: Props) {
  const { t } = useTranslation(['releasing', 'releases']);
  const { t: tc } = useTranslation('common');
  const { locales } = useSession();
  const model = useQuery(modelQuery);
  const contentTypes = model.data?.contentTypes ?? NO_TYPES;
  const [search, setSearch] = useState(NO_SEARCH);
  const [chosen, setChosen] = useState<ReadonlyMap<string, Chosen>>(new Map());
  const offered = useMemo(() => releasableTypes(contentTypes).filter(({ can }) => can.publish), [contentTypes]);
  const refused = useMemo(() => releasableTypes(contentTypes).filter(({ can }) => !can.publish), [contentTypes]);
  const found = useFound(offered, search, locales.default);
  const present = useMemo(() => new Map(items.map((item) => [itemKey(item), item.action])), [items]);
  const hasLocales = locales.available.length > 1 && offered.some(({ localized }) => localized);
  const change = (next: Partial<EntrySearch>): void => setSearch({ ...search, ...next });
  const set = (entry: FoundEntry, action: Action | null): void => {
    const next = new Map(chosen);
    if (action === null) next.delete(entry.key);
    else next.set(entry.key, { entry, action });
    setChosen(next);
  };
  const add = useMutation({
    mutationFn: () => addToRelease(release, [...chosen.values()].map(toItem)),
    onSuccess: async () => {
      announce(t('adding.done', { count: chosen.size }));
      await onAdded();
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('adding.title')}
      size="44rem"
      onClose={onClose}
      onSubmit={() => add.mutate()}
      pending={add.isPending}
      error={add.error ?? model.error}
      submit={chosen.size > 0 ? t('adding.button', { count: chosen.size }) : tc('add')}
      disabled={chosen.size === 0 && t('adding.missing')}
    >
      <TextInput
        data-autofocus
        type="search"
        label={t('adding.search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={search.words}
        maxLength={100}
        onChange={(event) => change({ words: event.currentTarget.value })}
        onKeyDown={(event) => {
          // Looks for what was typed, which it does by itself; the dialog is sent by its button.
          if (event.key === 'Enter') event.preventDefault();
        }}
      />
      <div className={classes.filters}>
        <MultiSelect
          searchable
          clearable
          label={t('adding.types')}
          placeholder={search.types.length > 0 ? undefined : t('adding.allTypes')}
          data={offered.map((type) => ({ value: type.uid, label: pluralNameOf(type) }))}
          value={[...search.types]}
          onChange={(types) => change({ types })}
        />
        {hasLocales && (
          <MultiSelect
            clearable
            label={t('adding.languages')}
            placeholder={search.locales.length > 0 ? undefined : languageName(locales.default)}
            data={locales.available.map(({ code, name }) => ({ value: code, label: name }))}
            value={[...search.locales]}
            onChange={(codes) => change({ locales: codes })}
          />
        )}
        <MultiSelect
          clearable
          label={t('releases:stateLabel')}
          placeholder={search.states.length > 0 ? undefined : t('adding.allStates')}
          data={PUBLICATION_STATES.map((state) => ({ value: state, label: tc(`status.${state}`) }))}
          value={[...search.states]}
          onChange={(states) => change({ states: PUBLICATION_STATES.filter((state) => states.includes(state)) })}
        />
      </div>
      {refused.length > 0 && (
        <Text size="sm" c="dimmed">
          {t('adding.refused', { types: formatList(refused.map(pluralNameOf)) })}
        </Text>
      )}
      {found.error && <ErrorMessage error={found.error} retry={found.retry} />}
      <Text size="sm" c="dimmed" role="status">
        {found.isPending
          ? tc('loading')
          : found.total > found.entries.length
            ? t('adding.more', { shown: found.entries.length, count: found.total })
            : t('adding.found', { count: found.total })}
      </Text>
      {found.entries.length > 0 && (
        // Can be scrolled by keyboard, wherever the focus is in it.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <ul className={classes.found} tabIndex={0} aria-label={t('adding.results')}>
          {found.entries.map((entry) => (
            <FoundLine
              key={entry.key}
              entry={entry}
              present={present.get(entry.key)}
              action={chosen.get(entry.key)?.action ?? null}
              onChange={(action) => set(entry, action)}
            />
          ))}
        </ul>
      )}
      {chosen.size > 0 && (
        <div>
          <Text size="sm" fw={500} mb={4}>
            {t('adding.chosen', { count: chosen.size })}
          </Text>
          <Pill.Group className={classes.chosen}>
            {[...chosen.values()].map(({ entry, action }) => (
              <Pill
                key={entry.key}
                withRemoveButton
                onRemove={() => set(entry, null)}
                removeButtonProps={{
                  'aria-label': t('adding.unchoose', { title: entry.title }),
                  tabIndex: 0,
                  'aria-hidden': false,
                }}
              >
                {[entry.title, entry.locale, t(`releases:actions.${action}`)].filter(Boolean).join(' · ')}
              </Pill>
            ))}
          </Pill.Group>
        </div>
      )}
    </FormDialog>
  );
}

interface LineProps {
  entry: FoundEntry;
  /** What the release does with it already. */
  present: Action | undefined;
  /** What it is chosen for. */
  action: Action | null;
  onChange: (action: Action | null) => void;
}

/** An entry that was found: chosen with its box, and then for what. */
function FoundLine({ entry, present, action, onChange }: LineProps) {
  const { t } = useTranslation(['releasing', 'releases']);
  const { type, title, locale, status, updatedAt } = entry;
  const details = [
    type.kind === 'singleType' ? null : type.info.displayName,
    locale && languageName(locale),
    updatedAt && formatDateTime(updatedAt),
  ];
  return (
    <li className={classes.line}>
      <Checkbox
        className={classes.box}
        label={title}
        description={details.filter(Boolean).join(' · ')}
        checked={present !== undefined || action !== null}
        disabled={present !== undefined}
        onChange={(event) => onChange(event.currentTarget.checked ? 'publish' : null)}
      />
      <span className={classes.side}>
        {status && <StatusBadge status={status} />}
        {present && (
          <Badge variant="default" size="sm">
            {t('adding.present', { action: t(`releases:actions.${present}`) })}
          </Badge>
        )}
        {action && status !== 'draft' && (
          <SegmentedControl
            size="xs"
            aria-label={t('adding.actionOf', { title })}
            value={action}
            onChange={(next) => onChange(next === 'unpublish' ? 'unpublish' : 'publish')}
            data={(['publish', 'unpublish'] as const).map((value) => ({
              value,
              label: t(`releases:actions.${value}`),
            }))}
          />
        )}
      </span>
    </li>
  );
}

/** Asks all parts of a search, once typing rests. */
function useFound(types: readonly ContentType[], search: EntrySearch, defaultLocale: string) {
  const [asked] = useDebouncedValue(search, SEARCH_DELAY_MS);
  const parts = useMemo(() => searchParts(types, asked, defaultLocale), [types, asked, defaultLocale]);
  return useQueries({
    queries: parts.map((part) => ({
      queryKey: ['content', part.type.uid, 'for a release', part.locale, part.state, part.words],
      queryFn: ({ signal }: { signal: AbortSignal }) => limiter(() => findPart(part, signal), signal),
      staleTime: 10_000,
    })),
    combine: (results) => ({
      ...mergeFound(
        results.map(({ data }) => data),
        MAX_SHOWN,
      ),
      isPending: results.some(({ isFetching, data }) => isFetching && data === undefined),
      error: results.find(({ error }) => error)?.error,
      retry: () => results.forEach((result) => void (result.error && result.refetch())),
    }),
  });
}

function toItem({ entry, action }: Chosen): NewItem {
  const { type, documentId, locale } = entry;
  return { contentType: type.uid, documentId, action, ...(locale === null ? {} : { locale }) };
}
