import { MultiSelect, Select, TagsInput, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FilterProps } from '../types';
import { takesMany, takesNoValue } from './operators';

/** The value as one text. */
function toSingle(value: string | string[]): string {
  return Array.isArray(value) ? (value[0] ?? '') : value;
}

/** The value as several. */
function toMany(value: string | string[]): string[] {
  return Array.isArray(value) ? value : value === '' ? [] : [value];
}

interface LineFilterProps extends FilterProps {
  type?: 'text' | 'date' | 'time' | 'datetime-local';
  inputMode?: 'text' | 'numeric' | 'decimal' | 'email';
  /** What the filter holds, made of what was typed, and back. */
  write?: (typed: string) => string;
  show?: (held: string) => string;
}

const identity = (text: string) => text;

/** A filter whose value is typed: one, two (between) or any number of them. */
export function LineFilter({
  type = 'text',
  inputMode = 'text',
  write = identity,
  show = identity,
  ...props
}: LineFilterProps) {
  const { label, operator, value, onChange } = props;
  const { t } = useTranslation('fields');
  if (takesNoValue(operator)) return null;
  if (operator === '$between') {
    const [from = '', to = ''] = toMany(value);
    return (
      <>
        <TextInput
          type={type}
          inputMode={inputMode}
          aria-label={t('filter.from', { label })}
          value={show(from)}
          onChange={(event) => onChange([write(event.currentTarget.value), to])}
        />
        <TextInput
          type={type}
          inputMode={inputMode}
          aria-label={t('filter.to', { label })}
          value={show(to)}
          onChange={(event) => onChange([from, write(event.currentTarget.value)])}
        />
      </>
    );
  }
  if (takesMany(operator)) {
    return (
      <TagsInput
        aria-label={label}
        placeholder={toMany(value).length === 0 ? t('filter.several') : undefined}
        value={toMany(value).map(show)}
        onChange={(typed) => onChange(typed.map(write))}
      />
    );
  }
  return (
    <TextInput
      type={type}
      inputMode={inputMode}
      aria-label={label}
      value={show(toSingle(value))}
      onChange={(event) => onChange(write(event.currentTarget.value))}
    />
  );
}

/** A filter whose value is one, or several, of a few. */
export function ChoiceFilter({
  label,
  operator,
  value,
  onChange,
  data,
}: FilterProps & { data: { value: string; label: string }[] }) {
  if (takesNoValue(operator)) return null;
  if (takesMany(operator)) {
    return (
      <MultiSelect
        aria-label={label}
        data={data}
        value={toMany(value)}
        onChange={onChange}
        searchable={data.length > 8}
      />
    );
  }
  return (
    <Select
      aria-label={label}
      data={data}
      value={toSingle(value) || null}
      onChange={(chosen) => onChange(chosen ?? '')}
      searchable={data.length > 8}
      allowDeselect={false}
    />
  );
}
