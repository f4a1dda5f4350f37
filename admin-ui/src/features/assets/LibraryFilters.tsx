import { Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconLayoutGrid, IconList, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { tagsQuery } from '@/api/assets';
import { KINDS, libraryAddress, type LibrarySearch, SORTS } from './addresses';

export type LibraryLayout = 'grid' | 'list';

/** What of the library is seen, in which order and how. All of it is in the address. */
export function LibraryFilters({
  layout,
  onLayout,
}: {
  layout: LibraryLayout;
  onLayout: (layout: LibraryLayout) => void;
}) {
  const { t } = useTranslation('media');
  const search = libraryAddress.useSearch();
  const setSearch = libraryAddress.useSetSearch();
  const tags = useQuery(tagsQuery);
  const [typed, setTyped] = useState(search.q ?? '');
  const [query, setAsked] = useState(search.q);
  if (query !== search.q) {
    setAsked(search.q);
    // Taken away elsewhere: what is being typed is newer than what was asked for.
    if (!search.q) setTyped('');
  }
  const find = useDebouncedCallback((q: string) => setSearch({ q: q.trim() || undefined }), 250);
  const choose =
    <Key extends keyof LibrarySearch>(key: Key) =>
    (value: string | null) =>
      setSearch({ [key]: value ?? undefined });
  return (
    <Group gap="xs" align="end">
      <TextInput
        flex={1}
        miw={180}
        type="search"
        aria-label={t('filter.search')}
        placeholder={t('filter.search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          find(event.currentTarget.value);
        }}
      />
      <Select
        w={140}
        clearable
        aria-label={t('filter.kind')}
        placeholder={t('filter.kind')}
        data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
        value={search.kind ?? null}
        onChange={choose('kind')}
      />
      {tags.data && tags.data.length > 0 && (
        <Select
          w={140}
          clearable
          searchable
          aria-label={t('filter.tag')}
          placeholder={t('filter.tag')}
          data={tags.data.map(({ tag, files }) => ({ value: tag, label: `${tag} (${files})` }))}
          value={search.tag ?? null}
          onChange={choose('tag')}
        />
      )}
      {!search.trash && (
        <Select
          w={170}
          clearable
          aria-label={t('filter.only')}
          placeholder={t('filter.only')}
          data={(['unused', 'alt', 'private'] as const).map((value) => ({ value, label: t(`only.${value}`) }))}
          value={search.only ?? null}
          onChange={choose('only')}
        />
      )}
      <Select
        w={160}
        allowDeselect={false}
        aria-label={t('filter.sort')}
        data={SORTS.map((value) => ({ value, label: t(`sort.${value.replace(':', '_')}`) }))}
        value={search.sort ?? 'addedAt:desc'}
        onChange={choose('sort')}
      />
      <SegmentedControl
        aria-label={t('layout.title')}
        value={layout}
        onChange={(value) => onLayout(value as LibraryLayout)}
        data={[
          { value: 'grid', label: <IconLayoutGrid size={16} aria-label={t('layout.grid')} /> },
          { value: 'list', label: <IconList size={16} aria-label={t('layout.list')} /> },
        ]}
      />
    </Group>
  );
}
