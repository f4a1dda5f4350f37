import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { modelQuery } from '@/api/contentTypes';
import { takesNoValue } from '../shared/operators';
import type { FilterProps } from '../types';
import { useTargets } from './useTargets';

/** Entries to look for, by their document ids. */
export function Filter({ label, attribute, operator, value, onChange }: FilterProps) {
  const model = useQuery(modelQuery);
  const [search, setSearch] = useState('');
  const [debouncedSearch] = useDebouncedValue(search, 150);
  const empty = { contentTypes: [], components: [], hash: '', locked: true };
  const targets = useTargets(model.data ?? empty, attribute.target, debouncedSearch, undefined, model.isSuccess);
  if (takesNoValue(operator)) return null;
  const selectedIds = Array.isArray(value) ? value : value === '' ? [] : [value];
  const data = (targets.data ?? []).map((item) => ({ value: item.documentId, label: item.title }));
  const unknown = selectedIds
    .filter((id) => !data.some((item) => item.value === id))
    .map((id) => ({ value: id, label: id }));
  return (
    <MultiSelect
      aria-label={label}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      data={[...data, ...unknown]}
      value={selectedIds}
      onChange={onChange}
    />
  );
}
