import { Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { type ContentType, pluralNameOf } from '@/api/model';
import { useShortcut } from '@/app/shortcuts';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import type { ListView } from '../addresses';
import type { ListState } from './useListState';
import { useToolbarChoice } from './useToolbarChoice';

interface Props {
  type: ContentType;
  state: ListState;
  /** The kinds of view that this type can be seen in. */
  views: readonly ListView[];
  children: ReactNode;
}

// Whoever has room for everything does not load it.
const PhoneOptions = lazyPart(async () => ({ default: (await import('./PhoneOptions')).PhoneOptions }));

/** Milliseconds of rest after which what was typed is looked for. */
const SEARCH_DELAY_MS = 200;

/** Search, status, language and kind of view. On a phone all but the search is behind one button. */
export function Toolbar({ type, state, views, children }: Props) {
  const { t } = useTranslation('list');
  const { locales } = useSession();
  const { phone, named } = useToolbarChoice();
  const { search, set } = state;
  const view = search.view ?? 'table';
  const choices = (
    <>
      {type.draftAndPublish && (
        <Select
          {...named(t('status.label'), 230)}
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
          {...named(t('locale'), 150)}
          allowDeselect={false}
          value={search.locale ?? locales.default}
          data={locales.available.map(({ code, name }) => ({ value: code, label: name }))}
          onChange={(value) => set({ locale: value && value !== locales.default ? value : undefined })}
        />
      )}
      {views.length > 1 && (
        <ViewSwitch
          views={views}
          value={view}
          phone={phone}
          onChange={(next) => set({ view: next === 'table' ? undefined : next })}
        />
      )}
      {children}
    </>
  );
  return (
    <Group gap="xs" mb="xs" wrap={phone ? 'nowrap' : 'wrap'} data-toolbar>
      <SearchInput
        value={search.q ?? ''}
        onChange={(q) => set({ q: q || undefined })}
        label={t('search', { type: pluralNameOf(type) })}
      />
      {phone ? (
        <PartBoundary>
          <PhoneOptions changed={Boolean(search.status ?? search.locale ?? search.view ?? search.saved)}>
            {choices}
          </PhoneOptions>
        </PartBoundary>
      ) : (
        choices
      )}
    </Group>
  );
}

interface SwitchProps {
  views: readonly ListView[];
  value: ListView;
  phone: boolean;
  onChange: (view: ListView) => void;
}

/** The kind of view: side by side where there is room. */
function ViewSwitch({ views, value, phone, onChange }: SwitchProps) {
  const { t } = useTranslation('list');
  const data = views.map((view) => ({ value: view, label: t(`view.${view}`) }));
  const choose = (view: string | null): void => {
    if (view) onChange(view as ListView);
  };
  const shared = { value, data, onChange: choose };
  return phone ? (
    <Select {...shared} label={t('view.label')} allowDeselect={false} />
  ) : (
    <SegmentedControl {...shared} aria-label={t('view.label')} />
  );
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
      type="search"
      flex="1 1 10rem"
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
