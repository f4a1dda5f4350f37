import { Button, Group, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useContentTypes } from '@/features/settings';

/** What is looked for, by the names of the search parameters. */
type Filter = Record<string, string | undefined>;

interface Props {
  filter: Filter;
  /** Texts to look for, with what they are called. */
  fields: readonly { name: string; label: string; placeholder?: string }[];
  onChange: (filter: Filter) => void;
  /** In place of "Search". */
  submit?: string;
  pending?: boolean;
}

/** Looks for lines by words, content type and time. What is looked for is in the address. */
export function FilterForm({ filter, fields, onChange, submit, pending = false }: Props) {
  const { t } = useTranslation(['events', 'common']);
  const { types } = useContentTypes();
  const [draft, setDraft] = useState(filter);
  const [before, setBefore] = useState(filter);
  // Someone went back, or followed a link.
  if (JSON.stringify(before) !== JSON.stringify(filter)) {
    setBefore(filter);
    setDraft(filter);
  }
  const set = (name: string, value: string | null): void => setDraft((old) => ({ ...old, [name]: value || undefined }));
  const any = Object.values(filter).some(Boolean);
  return (
    <form
      role={submit ? undefined : 'search'}
      onSubmit={(event) => {
        event.preventDefault();
        onChange(draft);
      }}
    >
      <Group align="flex-end" gap="xs">
        {fields.map(({ name, label, placeholder }) => (
          <TextInput
            key={name}
            label={label}
            placeholder={placeholder}
            value={draft[name] ?? ''}
            onChange={(event) => set(name, event.currentTarget.value)}
            w={{ base: '100%', xs: 180 }}
          />
        ))}
        <Select
          label={t('filter.contentType')}
          data={types.map((type) => ({ value: type.uid, label: type.info.displayName }))}
          value={draft.contentType ?? null}
          onChange={(uid) => set('contentType', uid)}
          placeholder={t('common:all')}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clearType') }}
          searchable
          w={{ base: '100%', xs: 180 }}
        />
        <TextInput
          type="datetime-local"
          label={t('filter.from')}
          value={toInputTime(draft.from)}
          onChange={(event) => set('from', parseInputTime(event.currentTarget.value))}
          w={{ base: '100%', xs: 200 }}
        />
        <TextInput
          type="datetime-local"
          label={t('filter.to')}
          value={toInputTime(draft.to)}
          onChange={(event) => set('to', parseInputTime(event.currentTarget.value))}
          w={{ base: '100%', xs: 200 }}
        />
        <Button type="submit" loading={pending}>
          {submit ?? t('common:search')}
        </Button>
        {any && (
          <Button variant="default" onClick={() => onChange({})}>
            {t('filter.clear')}
          </Button>
        )}
      </Group>
    </form>
  );
}

/** A moment as the browser's field writes it, in the reader's time zone. */
function toInputTime(at: string | undefined): string {
  const time = at ? new Date(at) : undefined;
  if (!time || Number.isNaN(time.getTime())) return '';
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function parseInputTime(written: string): string | null {
  const time = new Date(written);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
