import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { useSession } from '@/api/session';
import { peopleQuery } from '@/api/users';
import { FilterChip } from '../filters/FilterChip';
import { InPlaceLists } from '../InPlaceLists';
import { DUE_FILTERS, EDITORIAL_KEYS, type EditorialFilter, type EditorialKey, PUBLICATION_STATES } from './editorial';
import { useWorkflow } from './useWorkflow';

interface Choice {
  value: string;
  label: string;
}

/** By what of its standing and review a type can be narrowed, and the answers to choose from. */
export function useEditorialChoices(type: ContentType): {
  keys: EditorialKey[];
  choices: (key: EditorialKey) => Choice[];
  text: (key: EditorialKey, value: string) => string;
} {
  const { t } = useTranslation(['views', 'common']);
  const { me } = useSession();
  const workflow = useWorkflow(type);
  const { data: people } = useQuery({ ...peopleQuery, enabled: workflow !== undefined });
  const keys: EditorialKey[] = [
    ...(type.draftAndPublish ? (['standing'] as const) : []),
    ...(workflow ? (['stage', 'assignee', 'due'] as const) : []),
  ];
  const choices = (key: EditorialKey): Choice[] => {
    switch (key) {
      case 'standing':
        return PUBLICATION_STATES.map((value) => ({ value, label: t(`common:status.${value}`) }));
      case 'stage':
        return (workflow?.stages ?? []).map(({ name }) => ({ value: name, label: name }));
      case 'assignee':
        return [
          { value: 'me', label: t('views:editorial.me') },
          { value: 'none', label: t('views:editorial.nobody') },
          ...(people ?? [])
            .filter(({ active, id }) => active && String(id) !== String(me.id))
            .map(({ id, name }) => ({ value: String(id), label: name })),
        ];
      case 'due':
        return DUE_FILTERS.map((value) => ({ value, label: t(`views:editorial.${value}`) }));
    }
  };
  const text = (key: EditorialKey, value: string): string =>
    `${t(`views:editorial.${key}`)}: ${choices(key).find((choice) => choice.value === value)?.label ?? value}`;
  return { keys, choices, text };
}

interface Props {
  type: ContentType;
  value: EditorialFilter;
  onChange: (value: EditorialFilter) => void;
}

/** What a list is narrowed by of standing and review, as chips that open again. */
export function EditorialChips({ type, value, onChange }: Props) {
  const { text } = useEditorialChoices(type);
  const [open, setOpen] = useState<EditorialKey | null>(null);
  const without = (key: EditorialKey): EditorialFilter =>
    Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  return EDITORIAL_KEYS.flatMap((key) => {
    const selected = value[key];
    if (selected === undefined) return [];
    return (
      <FilterChip
        key={key}
        label={text(key, selected)}
        opened={open === key}
        onClose={() => setOpen(null)}
        onToggle={() => setOpen(open === key ? null : key)}
        onRemove={() => onChange(without(key))}
        width={280}
      >
        <EditorialSelect
          type={type}
          editorialKey={key}
          value={selected}
          onChange={(next) => {
            onChange({ ...value, [key]: next });
            setOpen(null);
          }}
        />
      </FilterChip>
    );
  });
}

/** The answer to one of them. */
export function EditorialSelect({
  type,
  editorialKey,
  value,
  onChange,
}: {
  type: ContentType;
  editorialKey: EditorialKey;
  value: string | null;
  onChange: (value: string) => void;
}) {
  const { t } = useTranslation('views');
  const { choices } = useEditorialChoices(type);
  return (
    <InPlaceLists>
      <Select
        label={t(`editorial.${editorialKey}`)}
        allowDeselect={false}
        searchable
        data={choices(editorialKey)}
        value={value}
        onChange={(next) => next && onChange(next)}
        data-autofocus
      />
    </InPlaceLists>
  );
}
