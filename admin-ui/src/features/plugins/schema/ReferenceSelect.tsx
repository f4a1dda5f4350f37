import { MultiSelect, type OptionsFilter, Select, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';
import type { ReferenceProps } from './references';

export interface ReferenceOption {
  value: string;
  label: string;
  /** What tells it from others of the same name. */
  detail?: string | undefined;
}

interface Props extends ReferenceProps {
  /** What the values are called. */
  chosen: readonly ReferenceOption[];
  options: readonly ReferenceOption[];
  /** What the list says while it is empty. */
  emptyText: string;
  loading: boolean;
  /** What is to be said of the values, such as that one is gone. */
  note: string | undefined;
  failure: Error | null;
  onRetry: () => void;
  /** The options are what was found already: they are not searched again. */
  found?: boolean;
  onSearch?: (search: string) => void;
  onOpen?: () => void;
  /** The end of the list is in sight. */
  onEnd?: () => void;
}

/** Chooses one or several of what a list offers, by name. What is chosen stays in it, also where the list does not offer it any more. */
export function ReferenceSelect({
  values,
  many,
  maxItems,
  onChange,
  description,
  placeholder,
  chosen,
  options,
  emptyText,
  loading,
  note,
  failure,
  onRetry,
  found = false,
  onSearch,
  onOpen,
  onEnd,
  ...input
}: Props) {
  const { t } = useTranslation('plugin');
  const chosenIds = new Set(chosen.map(({ value }) => value));
  const data = [...chosen, ...options.filter(({ value }) => !chosenIds.has(value))];
  const details = new Map(options.map(({ value, detail }) => [value, detail]));
  const offered = new Set(options.map(({ value }) => value));
  const keepOffered: OptionsFilter = ({ options: all }) =>
    all.filter((option) => 'value' in option && offered.has(String(option.value)));
  const shared = {
    ...input,
    description:
      note === undefined ? (
        description
      ) : (
        <>
          {description && <span style={{ display: 'block' }}>{description}</span>}
          <Text span inherit c="orange">
            {note}
          </Text>
        </>
      ),
    data: data.map(({ value, label }) => ({ value, label })),
    withAsterisk: input.required,
    'aria-required': input.required || undefined,
    searchable: true,
    clearable: !input.required,
    // What is gone is not in the list: with the keyboard it is cleared by the button.
    clearButtonProps: { 'aria-label': t('clear'), 'aria-hidden': false, tabIndex: 0, miw: 24, mih: 24 },
    loading,
    nothingFoundMessage: emptyText,
    scrollAreaProps: { onBottomReached: () => onEnd?.() },
    renderOption: ({ option }: { option: { value: string; label: string } }) => (
      <div>
        {option.label}
        {details.get(option.value) && (
          <Text size="xs" c="dimmed">
            {details.get(option.value)}
          </Text>
        )}
      </div>
    ),
    ...(found ? { filter: keepOffered } : {}),
    ...(onSearch ? { onSearchChange: onSearch } : {}),
    ...(onOpen ? { onDropdownOpen: onOpen } : {}),
  };
  return (
    <Stack gap="xs">
      {many ? (
        <MultiSelect
          {...shared}
          hidePickedOptions
          maxValues={maxItems}
          placeholder={values.length === 0 ? placeholder : undefined}
          value={[...values]}
          onChange={onChange}
        />
      ) : (
        <Select
          {...shared}
          allowDeselect={false}
          placeholder={placeholder}
          value={values[0] ?? null}
          onChange={(id) => onChange(id === null ? [] : [id])}
        />
      )}
      {failure && <ErrorMessage error={failure} retry={onRetry} />}
    </Stack>
  );
}
