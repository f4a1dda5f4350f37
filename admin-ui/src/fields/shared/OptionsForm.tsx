import { Checkbox, Fieldset, MultiSelect, Select, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attribute } from '@/api/model';
import type { OptionsProps } from '../types';
import { readNumber } from './NumberLine';

/** The keys of an attribute that the builder shows as a switch. */
type Flag = 'required' | 'unique' | 'private' | 'index' | 'multiple' | 'repeatable';
/** Those it shows as a line. */
type Line = 'minLength' | 'maxLength' | 'min' | 'max' | 'regex' | 'default' | 'description' | 'customField';

/** Which settings a kind has, in the order they are shown. */
export interface OptionsFormProps extends OptionsProps {
  flags?: readonly Flag[];
  lines?: readonly Line[];
  /** Whether `default` and the bounds are numbers, and stay text where JavaScript would lose digits. */
  numeric?: 'number' | 'text';
  children?: ReactNode;
}

/** An attribute with a key set, or without it where there is nothing in it. */
function withKey<Key extends keyof Attribute>(
  attribute: Attribute,
  key: Key,
  value: Attribute[Key] | null | '',
): Attribute {
  const { [key]: _old, ...rest } = attribute;
  const absent =
    value === undefined ||
    value === null ||
    value === '' ||
    value === false ||
    (Array.isArray(value) && value.length === 0);
  return (absent ? rest : { ...rest, [key]: value }) as Attribute;
}

const basics: readonly Flag[] = ['required', 'private'];

/** The settings of an attribute that many kinds share. */
export function OptionsForm({
  attribute,
  onChange,
  disabled,
  choices,
  flags = basics,
  lines = [],
  numeric,
  children,
}: OptionsFormProps) {
  const { t } = useTranslation('fields');
  const line = (key: Line) => {
    const count = key === 'minLength' || key === 'maxLength';
    const number = count || ((key === 'min' || key === 'max' || key === 'default') && numeric !== undefined);
    return (
      <TextInput
        key={key}
        label={t(`options.${key}.label`)}
        description={t(`options.${key}.description`)}
        inputMode={number ? 'decimal' : 'text'}
        disabled={disabled}
        value={attribute[key] === undefined ? '' : String(attribute[key])}
        onChange={(event) => {
          const typed = event.currentTarget.value;
          const read =
            number &&
            (count || numeric === 'number') &&
            typed !== '' &&
            !Number.isNaN(Number(typed)) &&
            !/[.]0*$/.test(typed);
          onChange(withKey(attribute, key, (read ? readNumber(typed) : typed) as never));
        }}
      />
    );
  };
  return (
    <Stack gap="sm">
      {children}
      {lines.map(line)}
      <Fieldset legend={t('options.rules')} variant="unstyled">
        <Stack gap="xs">
          {flags.map((key) => (
            <Checkbox
              key={key}
              label={t(`options.${key}.label`)}
              description={t(`options.${key}.description`)}
              disabled={disabled}
              checked={attribute[key] === true}
              onChange={(event) => onChange(withKey(attribute, key, event.currentTarget.checked || undefined))}
            />
          ))}
          {choices.localized && attribute.type !== 'uid' && (
            <Checkbox
              label={t('options.localized.label')}
              description={t('options.localized.description')}
              disabled={disabled}
              checked={attribute.pluginOptions?.i18n?.localized === true}
              onChange={(event) =>
                onChange({
                  ...attribute,
                  pluginOptions: { ...attribute.pluginOptions, i18n: { localized: event.currentTarget.checked } },
                })
              }
            />
          )}
        </Stack>
      </Fieldset>
    </Stack>
  );
}

type PartProps = Pick<OptionsProps, 'attribute' | 'onChange' | 'disabled'>;

/** A setting that is one of a few. */
export function ChoiceOption({
  attribute,
  onChange,
  disabled,
  option,
  data,
  clearable = false,
}: PartProps & {
  option: 'targetField' | 'target' | 'component' | 'relation';
  data: { value: string; label: string }[];
  clearable?: boolean;
}) {
  const { t } = useTranslation('fields');
  return (
    <Select
      label={t(`options.${option}.label`)}
      description={t(`options.${option}.description`)}
      data={data}
      searchable={data.length > 8}
      clearable={clearable}
      allowDeselect={false}
      disabled={disabled}
      value={attribute[option] ?? null}
      onChange={(chosen) => onChange(withKey(attribute, option, (chosen ?? undefined) as never))}
    />
  );
}

/** A setting that is any number of a few. */
export function ChoicesOption({
  attribute,
  onChange,
  disabled,
  option,
  data,
}: PartProps & { option: 'allowedTypes' | 'components'; data: { value: string; label: string }[] }) {
  const { t } = useTranslation('fields');
  return (
    <MultiSelect
      label={t(`options.${option}.label`)}
      description={t(`options.${option}.description`)}
      data={data}
      searchable={data.length > 8}
      disabled={disabled}
      value={attribute[option] ?? []}
      onChange={(chosen) => onChange(withKey(attribute, option, chosen as never))}
    />
  );
}

/** The values of an enumeration. */
export function ValuesOption({ attribute, onChange, disabled }: PartProps) {
  const { t } = useTranslation('fields');
  return (
    <TagsInput
      label={t('options.enum.label')}
      description={t('options.enum.description')}
      disabled={disabled}
      value={attribute.enum ?? []}
      onChange={(values) => onChange({ ...attribute, enum: values })}
      splitChars={['\n']}
    />
  );
}

/** A default of several lines. */
export function LongDefaultOption({ attribute, onChange, disabled }: PartProps) {
  const { t } = useTranslation('fields');
  return (
    <Textarea
      label={t('options.default.label')}
      description={t('options.default.description')}
      autosize
      minRows={2}
      maxRows={8}
      disabled={disabled}
      value={typeof attribute.default === 'string' ? attribute.default : ''}
      onChange={(event) => onChange(withKey(attribute, 'default', event.currentTarget.value))}
    />
  );
}

/** A default that is one of a few, or none. */
export function ChoiceDefaultOption({
  attribute,
  onChange,
  disabled,
  data,
  read,
}: PartProps & { data: { value: string; label: string }[]; read: (chosen: string) => unknown }) {
  const { t } = useTranslation('fields');
  return (
    <Select
      label={t('options.default.label')}
      description={t('options.default.description')}
      data={data}
      clearable
      disabled={disabled}
      value={attribute.default === undefined || attribute.default === null ? null : String(attribute.default)}
      onChange={(chosen) => {
        const { default: _old, ...rest } = attribute;
        onChange(chosen === null ? rest : { ...rest, default: read(chosen) });
      }}
    />
  );
}
