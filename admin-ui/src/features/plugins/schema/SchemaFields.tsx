import {
  ActionIcon,
  Button,
  Card,
  Fieldset,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { createContext, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { ConditionsField } from './ConditionsField';
import { DocumentField } from './DocumentField';
import { FileField } from './FileField';
import { JsonField } from './JsonField';
import { idsOf, mediaTypesOf, referenceSchemaOf, valueOfIds, type ReferenceProps } from './references';
import {
  choicesOf,
  parseChoice,
  controlOf,
  emptyOf,
  isSchema,
  propertiesOf,
  resolveReference,
  type Schema,
  titleOf,
  typeOf,
} from './schema';
import { UserField } from './UserField';

type SchemaValues = Record<string, unknown>;

/** What all fields of a form share. */
export const SchemaContext = createContext<{
  root: Schema;
  problemAt: (path: string) => string | undefined;
  disabled: boolean;
}>({ root: {}, problemAt: () => undefined, disabled: false });

interface PropertiesProps {
  schema: Schema;
  value: SchemaValues;
  effective: SchemaValues;
  onChange: (value: SchemaValues) => void;
  path: string;
  depth: number;
}

/** The properties of an object. One that is emptied is not said any more: what holds then is the default. */
export function Properties({ schema, value, effective, onChange, path, depth }: PropertiesProps) {
  return propertiesOf(schema).map(([name, property]) => (
    <Field
      key={name}
      schema={property}
      name={name}
      value={value[name]}
      effective={effective[name]}
      required={schema.required?.includes(name) ?? false}
      onChange={(next) => {
        const { [name]: _old, ...rest } = value;
        onChange(next === undefined ? rest : { ...rest, [name]: next });
      }}
      path={path === '' ? name : `${path}.${name}`}
      depth={depth}
    />
  ));
}

interface FieldProps {
  schema: Schema;
  name: string;
  value: unknown;
  effective: unknown;
  required: boolean;
  onChange: (value: unknown) => void;
  path: string;
  depth: number;
}

function Field({ schema: fieldSchema, name, value, effective, required, onChange, path, depth }: FieldProps) {
  const { t } = useTranslation('plugin');
  const { root, problemAt, disabled: all } = useContext(SchemaContext);
  const schema = resolveReference(fieldSchema, root);
  const disabled = all || schema.readOnly === true;
  const usual = effective ?? schema.default;
  const shared = {
    label: titleOf(name, schema),
    description: schema.description,
    error: problemAt(path),
    disabled,
    required,
    name: path,
    withAsterisk: required,
  };
  const placeholder = usual === undefined || usual === null || typeof usual === 'object' ? undefined : String(usual);
  switch (controlOf(schema, root, depth)) {
    case 'text':
      return (
        <TextInput
          {...shared}
          type={
            schema.format === 'email'
              ? 'email'
              : schema.format === 'uri'
                ? 'url'
                : schema.format === 'date'
                  ? 'date'
                  : schema.format === 'time'
                    ? 'time'
                    : 'text'
          }
          value={textOf(value)}
          placeholder={placeholder}
          maxLength={schema.maxLength}
          onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
        />
      );
    case 'lines':
      return (
        <Textarea
          {...shared}
          autosize
          minRows={3}
          maxRows={16}
          value={textOf(value)}
          placeholder={placeholder}
          maxLength={schema.maxLength}
          onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...shared}
          value={typeof value === 'number' ? value : ''}
          placeholder={placeholder}
          min={schema.minimum ?? schema.exclusiveMinimum}
          max={schema.maximum ?? schema.exclusiveMaximum}
          step={schema.multipleOf ?? 1}
          allowDecimal={typeOf(schema) === 'number'}
          clampBehavior="none"
          hideControls
          onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
        />
      );
    case 'switch':
      return (
        <Switch
          label={shared.label}
          description={shared.description}
          error={shared.error}
          disabled={disabled}
          name={path}
          checked={value === undefined ? usual === true : value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <Select
          {...shared}
          data={choicesOf(schema) ?? []}
          value={value === undefined || value === null ? null : String(value)}
          placeholder={choicesOf(schema)?.find((choice) => choice.value === placeholder)?.label ?? placeholder}
          clearable={!required}
          clearButtonProps={{ 'aria-label': t('clear') }}
          searchable={(choicesOf(schema)?.length ?? 0) > 10}
          onChange={(word) => onChange(word === null ? undefined : parseChoice(schema, word))}
        />
      );
    case 'choices': {
      const items = resolveReference(schema.items ?? {}, root);
      return (
        <MultiSelect
          {...shared}
          data={choicesOf(items) ?? []}
          value={Array.isArray(value) ? value.map(String) : []}
          maxValues={schema.maxItems}
          clearButtonProps={{ 'aria-label': t('clear') }}
          onChange={(words) => onChange(words.length === 0 ? undefined : words.map((word) => parseChoice(items, word)))}
        />
      );
    }
    case 'words':
      return (
        <TagsInput
          {...shared}
          description={schema.description ?? t('schema.wordsHint')}
          value={Array.isArray(value) ? value.map(String) : []}
          maxTags={schema.maxItems}
          allowDuplicates={schema.uniqueItems !== true}
          onChange={(words) => onChange(words.length === 0 ? undefined : words)}
        />
      );
    case 'documents':
    case 'users':
    case 'files':
      return <ReferenceField {...shared} schema={schema} usual={usual} value={value} onChange={onChange} />;
    case 'conditions':
      return <ConditionsField {...shared} schema={schema} usual={usual} value={value} onChange={onChange} />;
    case 'group':
      return (
        <Fieldset legend={shared.label}>
          <Stack gap="sm">
            {schema.description && (
              <Text size="xs" c="dimmed">
                {schema.description}
              </Text>
            )}
            <Properties
              schema={schema}
              value={isSchema(value) ? (value as SchemaValues) : {}}
              effective={isSchema(usual) ? (usual as SchemaValues) : {}}
              onChange={(next) => onChange(Object.keys(next).length === 0 ? undefined : next)}
              path={path}
              depth={depth + 1}
            />
          </Stack>
        </Fieldset>
      );
    case 'list':
      return (
        <ListField
          schema={schema}
          label={shared.label}
          value={Array.isArray(value) ? value : []}
          onChange={onChange}
          path={path}
          depth={depth}
          disabled={disabled}
        />
      );
    case 'json':
      return <JsonField {...shared} value={value} onChange={onChange} />;
  }
}

/** What names something: a document, a person or a file, or several. */
function ReferenceField({
  schema,
  usual,
  value,
  onChange,
  label,
  description,
  error,
  disabled,
  required,
  name,
}: Pick<ReferenceProps, 'label' | 'description' | 'error' | 'disabled' | 'required' | 'name'> & {
  schema: Schema;
  usual: unknown;
  value: unknown;
  onChange: (value: unknown) => void;
}) {
  const { root } = useContext(SchemaContext);
  const many = typeOf(schema) === 'array';
  const item = referenceSchemaOf(schema, root);
  const shared = {
    label,
    description,
    error,
    disabled,
    required,
    name,
    placeholder: many ? undefined : idsOf(usual)[0],
    values: idsOf(value),
    many,
    maxItems: schema.maxItems,
    onChange: (ids: readonly string[]) => onChange(valueOfIds(ids, many)),
  };
  switch (item.format) {
    case 'document':
      return <DocumentField {...shared} contentType={item.contentType ?? ''} />;
    case 'user':
      return <UserField {...shared} />;
    default:
      return <FileField {...shared} allowed={mediaTypesOf(item.accepts)} />;
  }
}

/** Items below each other, each with its fields. */
function ListField({
  schema,
  label,
  value,
  onChange,
  path,
  depth,
  disabled,
}: {
  schema: Schema;
  label: string;
  value: unknown[];
  onChange: (value: unknown) => void;
  path: string;
  depth: number;
  disabled: boolean;
}) {
  const { t } = useTranslation('plugin');
  const { root, problemAt } = useContext(SchemaContext);
  const items = resolveReference(schema.items ?? {}, root);
  const change = (next: unknown[]): void => onChange(next.length === 0 ? undefined : next);
  const own = problemAt(path);
  return (
    <Fieldset legend={label}>
      <Stack gap="sm">
        {schema.description && (
          <Text size="xs" c="dimmed">
            {schema.description}
          </Text>
        )}
        {value.map((item, at) => (
          // An item has nothing by which it is known but its place.
          // eslint-disable-next-line react/no-array-index-key
          <Card key={at} withBorder padding="sm">
            <Group justify="space-between" mb={4}>
              <Text size="sm" fw={500}>
                {t('schema.item', { number: at + 1 })}
              </Text>
              <ActionIcon
                variant="subtle"
                color="gray"
                disabled={disabled}
                aria-label={t('schema.removeItem', { number: at + 1 })}
                onClick={() => change(value.toSpliced(at, 1))}
              >
                <IconX size={16} aria-hidden />
              </ActionIcon>
            </Group>
            <Stack gap="sm">
              {controlOf(items, root, depth + 1) === 'group' ? (
                <Properties
                  schema={items}
                  value={isSchema(item) ? (item as SchemaValues) : {}}
                  effective={{}}
                  onChange={(next) => change(value.toSpliced(at, 1, next))}
                  path={`${path}.${at}`}
                  depth={depth + 1}
                />
              ) : (
                <Field
                  schema={items}
                  name={t('schema.item', { number: at + 1 })}
                  value={item ?? undefined}
                  effective={undefined}
                  required
                  onChange={(next) => change(value.toSpliced(at, 1, next ?? (typeOf(items) === 'object' ? {} : null)))}
                  path={`${path}.${at}`}
                  depth={depth + 1}
                />
              )}
            </Stack>
          </Card>
        ))}
        {own && value.length === 0 && (
          <Text size="xs" c="red">
            {own}
          </Text>
        )}
        <Group>
          <Button
            size="xs"
            variant="default"
            disabled={disabled || value.length >= (schema.maxItems ?? Number.POSITIVE_INFINITY)}
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => onChange([...value, emptyOf(items, root)])}
          >
            {t('schema.addItem')}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
