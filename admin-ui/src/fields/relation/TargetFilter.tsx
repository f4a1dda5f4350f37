import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { takesNoValue } from '../shared/operators';
import type { FilterProps } from '../types';
import { targetNameOf } from './TargetName';
import { useTargets, useTargetsById } from './useTargets';

const EMPTY_MODEL = { contentTypes: [], components: [], hash: '', locked: true };

/** Entries to look for, by their document ids; those that were chosen have their names. */
export default function TargetFilter({ label, attribute, operator, value, onChange }: FilterProps) {
  const { t } = useTranslation('fields');
  const model = useQuery(modelQuery);
  const [search, setSearch] = useState('');
  const [debouncedSearch] = useDebouncedValue(search, 150);
  const selectedIds = Array.isArray(value) ? value : value === '' ? [] : [value];
  const known = model.data ?? EMPTY_MODEL;
  const targets = useTargets(known, attribute.target, debouncedSearch.trim(), undefined, model.isSuccess);
  // The search need not find what was chosen before.
  const selected = useTargetsById(known, attribute.target, selectedIds, model.isSuccess);
  if (takesNoValue(operator)) return null;
  const items = [...(targets.data ?? []), ...(selected.data ?? [])];
  const names = new Map(items.map((item) => [item.documentId, targetNameOf(item)]));
  for (const id of selectedIds) if (!names.has(id)) names.set(id, selected.isFetching ? '…' : id);
  const found = new Set((targets.data ?? []).map((item) => item.documentId));
  return (
    <MultiSelect
      aria-label={label}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      // The server has searched already, also where the words are not in the title.
      filter={({ options }) =>
        options.filter((option) => search === '' || !('value' in option) || found.has(option.value))
      }
      data={[...new Set([...found, ...selectedIds])].map((id) => ({ value: id, label: names.get(id) ?? id }))}
      value={selectedIds}
      onChange={onChange}
      nothingFoundMessage={targets.isSuccess ? t('relation.none') : undefined}
    />
  );
}
