import { Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import type { ContentType } from '@/api/model';
import { useShortcut } from '@/app/shortcuts';
import type { ListView } from '../addresses';
import type { ListState } from './useListState';

interface Props {
  type: ContentType;
  state: ListState;
  /** The kinds of view that this type can be seen in. */
  views: readonly ListView[];
  children: ReactNode;
}

/** Milliseconds of rest after which what was typed is looked for. */
const SEARCH_DELAY_MS = 200;

/** Search, status, language and kind of view. */
export function Toolbar({ type, state, views, children }: Props) {
  const { t } = useTranslation('list');
  const { locales } = useSession();
  const { search, set } = state;
  return (
    <Group gap="xs" mb="xs">
      <SearchInput
        value={search.q ?? ''}
        onChange={(q) => set({ q: q || undefined })}
        label={t('search', { type: type.info.displayName })}
      />
      {type.draftAndPublish && (
        <Select
          size="xs"
          w={215}
          aria-label={t('status.label')}
          allowDeselect={false}
          value={search.status ?? 'draft'}
          data={[
            { value: 'draft', label: t('status.all') },
            { value: 'published', label: t('status.published') },
          ]}
          onChange={(value) => set({ status: value === 'published' ? 'published' : undefined })}
        />
      )}
      {type.localized && locales.available.length > 1 && (
        <Select
          size="xs"
          w={150}
          aria-label={t('locale')}
          allowDeselect={false}
          value={search.locale ?? locales.default}
          data={locales.available.map(({ code, name }) => ({ value: code, label: name }))}
          onChange={(value) => set({ locale: value && value !== locales.default ? value : undefined })}
        />
      )}
      {views.length > 1 && (
        <ViewSwitch
          views={views}
          value={search.view ?? 'table'}
          onChange={(view) => set({ view: view === 'table' ? undefined : view })}
        />
      )}
      {children}
    </Group>
  );
}

interface SwitchProps {
  views: readonly ListView[];
  value: ListView;
  onChange: (view: ListView) => void;
}

/** The kind of view: side by side where there is room. */
function ViewSwitch({ views, value, onChange }: SwitchProps) {
  const { t } = useTranslation('list');
  const narrow = useMediaQuery('(max-width: 36em)') ?? false;
  const shared = {
    size: 'xs',
    'aria-label': t('view.label'),
    value,
    data: views.map((view) => ({ value: view, label: t(`view.${view}`) })),
  } as const;
  if (narrow)
    return <Select {...shared} w={130} allowDeselect={false} onChange={(view) => view && onChange(view as ListView)} />;
  return <SegmentedControl {...shared} onChange={(view) => onChange(view as ListView)} />;
}

/** Words to look for; `/` goes there. */
function SearchInput({ value, onChange, label }: { value: string; onChange: (value: string) => void; label: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  const later = useDebouncedCallback(onChange, SEARCH_DELAY_MS);
  // The address may change by itself: back, a saved view.
  if (seen !== value) {
    setSeen(value);
    setTyped(value);
  }
  useShortcut('/', () => {
    field.current?.focus();
    field.current?.select();
  });
  return (
    <TextInput
      ref={field}
      size="xs"
      type="search"
      flex="1 1 12rem"
      maw={360}
      aria-label={label}
      aria-keyshortcuts="/"
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && typed !== '') {
          setTyped('');
          onChange('');
        }
      }}
    />
  );
}
