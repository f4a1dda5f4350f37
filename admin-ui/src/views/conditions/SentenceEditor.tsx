import { ActionIcon, Group, NumberInput, Select, TagsInput, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useContext } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attribute, ContentType, Model } from '@/api/model';
import { valueOptions } from '@/fields/label';
import type { Operator } from '@/fields/types';
import { OfferedFields } from '../filters/OfferedFields';
import { fieldHeading } from '../table/columns';
import { isVariable, type Sentence } from './condition';
import { askablePaths, conditionAttribute, conditionPaths, operatorsAt } from './paths';

interface Props {
  model: Model;
  type: ContentType;
  variables: readonly string[];
  sentence: Sentence;
  onChange: (sentence: Sentence) => void;
  onRemove: () => void;
  readOnly: boolean;
}

/** In place of a variable: something that is typed. */
const TYPED = 'typed';

/** One sentence: a field, how it is compared, and with what. */
export function SentenceEditor({ model, type, variables, sentence, onChange, onRemove, readOnly }: Props) {
  const { t } = useTranslation(['conditions', 'views']);
  const { field, operator, value } = sentence;
  const named = (path: string): string => fieldHeading(model, type, path, (own) => t(`views:own.${own}`));
  const offered = useContext(OfferedFields);
  const paths = offered ? askablePaths(model, type, offered) : conditionPaths(model, type);
  const attribute = conditionAttribute(model, type, field);
  const operators = field ? operatorsAt(model, type, field) : [];
  const isList = operator === '$in' || operator === '$notIn' || operator === '$between';
  const noValue = operator === '$null' || operator === '$notNull';
  const setField = (next: string): void => {
    const first = operatorsAt(model, type, next)[0] ?? '$eq';
    onChange({ field: next, operator: first, value: emptyOperand(first) });
  };
  const setOperator = (next: Operator): void => {
    const same =
      Array.isArray(emptyOperand(next)) === Array.isArray(value) && typeof emptyOperand(next) === typeof value;
    onChange({ field, operator: next, value: same ? value : emptyOperand(next) });
  };
  return (
    <Group gap="xs" align="flex-start" wrap="nowrap">
      <Group gap="xs" flex={1} grow preventGrowOverflow={false}>
        <Select
          aria-label={t('conditions:field')}
          placeholder={t('conditions:chooseField')}
          data={[...new Set([...paths, ...(field ? [field] : [])])].map((path) => ({
            value: path,
            label: named(path),
          }))}
          value={field || null}
          onChange={(path) => path && setField(path)}
          searchable
          allowDeselect={false}
          disabled={readOnly}
          error={field !== '' && !paths.includes(field) && !attribute ? t('conditions:unknownField') : undefined}
        />
        {field && (
          <Select
            aria-label={t('conditions:comparison')}
            data={[...new Set([...operators, operator])].map((one) => ({
              value: one,
              label: t(`views:operator.${one.slice(1)}`),
            }))}
            value={operator}
            onChange={(next) => next && setOperator(next as Operator)}
            allowDeselect={false}
            disabled={readOnly}
          />
        )}
        {field && !noValue && !isList && variables.length > 0 && (
          <Select
            aria-label={t('conditions:from')}
            data={[
              { value: TYPED, label: t('conditions:typed') },
              ...[...new Set([...variables, ...(isVariable(value) ? [value] : [])])].map((one) => ({
                value: one,
                label: t(`conditions:variable.${one.slice(1).replaceAll('.', '_')}`, { defaultValue: one }),
              })),
            ]}
            value={isVariable(value) ? value : TYPED}
            onChange={(next) => next && onChange({ ...sentence, value: next === TYPED ? '' : next })}
            allowDeselect={false}
            disabled={readOnly}
          />
        )}
        {field && !noValue && !isVariable(value) && (
          <ValueInput
            attribute={attribute}
            list={isList}
            value={value}
            onChange={(next) => onChange({ ...sentence, value: next })}
            disabled={readOnly}
          />
        )}
      </Group>
      {!readOnly && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={32}
          aria-label={t('conditions:remove', { field: field ? named(field) : '' })}
          onClick={onRemove}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}

function emptyOperand(operator: Operator): unknown {
  if (operator === '$null' || operator === '$notNull') return true;
  return operator === '$in' || operator === '$notIn' || operator === '$between' ? [] : '';
}

interface ValueProps {
  attribute: Attribute | undefined;
  list: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
  disabled: boolean;
}

/** What is compared with, by the kind of the field. */
function ValueInput({ attribute, list, value, onChange, disabled }: ValueProps) {
  const { t } = useTranslation(['conditions', 'views']);
  const label = t('conditions:value');
  const numeric = attribute !== undefined && ['integer', 'float'].includes(attribute.type);
  if (list) {
    const values = (Array.isArray(value) ? value : []).map(String);
    return (
      <TagsInput
        aria-label={label}
        placeholder={values.length === 0 ? t('conditions:values') : undefined}
        data={valueOptions(attribute)}
        value={values}
        onChange={(next) => onChange(numeric ? next.map(Number).filter((one) => !Number.isNaN(one)) : next)}
        disabled={disabled}
      />
    );
  }
  if (attribute?.type === 'boolean') {
    return (
      <Select
        aria-label={label}
        data={[
          { value: 'true', label: t('views:filter.true') },
          { value: 'false', label: t('views:filter.false') },
        ]}
        value={value === true || value === 'true' ? 'true' : value === false || value === 'false' ? 'false' : null}
        onChange={(next) => next && onChange(next === 'true')}
        allowDeselect={false}
        disabled={disabled}
      />
    );
  }
  if (attribute?.enum) {
    return (
      <Select
        aria-label={label}
        // One that is stored and no longer offered is still shown.
        data={valueOptions(attribute, typeof value === 'string' && value ? [value] : [])}
        value={typeof value === 'string' && value ? value : null}
        onChange={(next) => next && onChange(next)}
        allowDeselect={false}
        searchable
        disabled={disabled}
      />
    );
  }
  if (numeric) {
    return (
      <NumberInput
        aria-label={label}
        value={typeof value === 'number' || typeof value === 'string' ? value : ''}
        onChange={onChange}
        allowDecimal={attribute.type === 'float'}
        disabled={disabled}
      />
    );
  }
  return (
    <TextInput
      aria-label={label}
      type={attribute?.type === 'date' ? 'date' : 'text'}
      placeholder={
        attribute?.type === 'datetime' || attribute?.type === 'timestamp' ? '2026-12-31T12:00:00Z' : undefined
      }
      value={typeof value === 'string' || typeof value === 'number' ? String(value) : ''}
      onChange={(event) => onChange(event.currentTarget.value)}
      disabled={disabled}
    />
  );
}
