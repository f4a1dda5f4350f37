import { Group, Select, Stack, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useContext, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { contentTypeOf } from '@/api/model';
import { FilterBar } from '@/views/filters/FilterBar';
import { NO_FILTER, nodesOf } from '@/views/filters/filter';
import { OfferedFields } from '@/views/filters/OfferedFields';
import { parseFilterOf } from '@/views/parseView';
import { TypeFiltersContext, useLabels, useView } from '../context';
import { NestedBlocks } from '../NestedBlocks';
import type { BlockOf } from '../types';

type Parameter = NonNullable<BlockOf<'filter-bar'>['parameters']>[number];

/** Narrows what stands below it: conditions hold for its queries, parameters ask the plugin anew. */
export default function FilterBarBlock({ block }: { block: BlockOf<'filter-bar'> }) {
  const { model, choices } = useView();
  const around = useContext(TypeFiltersContext);
  const type = contentTypeOf(model, block.type);
  const filter = useMemo(
    () =>
      type && choices.filters !== undefined ? (parseFilterOf(choices.filters, model, type) ?? NO_FILTER) : NO_FILTER,
    [type, choices.filters, model],
  );
  const inside = useMemo(
    () => (type && nodesOf(filter).length > 0 ? [...around, { type: type.uid, filter }] : around),
    [around, type, filter],
  );
  return (
    <Stack gap="md">
      {block.parameters && (
        <Group gap="sm" align="flex-end">
          {block.parameters.map((parameter) => (
            <ParameterInput key={parameter.name} parameter={parameter} />
          ))}
        </Group>
      )}
      {type && block.fields && (
        <OfferedFields value={block.fields}>
          <FilterBar
            model={model}
            type={type}
            filter={filter}
            onChange={(next) => choices.set({ filters: nodesOf(next).length > 0 ? next : undefined })}
          />
        </OfferedFields>
      )}
      <TypeFiltersContext value={inside}>
        <NestedBlocks blocks={block.show} />
      </TypeFiltersContext>
    </Stack>
  );
}

function ParameterInput({ parameter }: { parameter: Parameter }) {
  const { t } = useTranslation('plugin');
  const label = useLabels();
  const { choices } = useView();
  const value = choices.parameters[parameter.name] ?? parameter.value ?? '';
  const [typed, setTyped] = useState(value);
  const set = (next: string): void =>
    choices.set({ parameters: { [parameter.name]: next === (parameter.value ?? '') ? undefined : next } });
  const later = useDebouncedCallback(set, 400);
  if (parameter.options) {
    return (
      <Select
        label={label(parameter.label)}
        data={parameter.options.map((option) => ({ value: option.value, label: label(option.label) }))}
        value={value}
        searchable={parameter.options.length > 10}
        allowDeselect={false}
        clearButtonProps={{ 'aria-label': t('clear') }}
        onChange={(next) => next !== null && set(next)}
      />
    );
  }
  return (
    <TextInput
      label={label(parameter.label)}
      value={typed}
      maxLength={200}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
    />
  );
}
