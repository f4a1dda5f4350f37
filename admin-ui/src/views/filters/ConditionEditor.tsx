import { ActionIcon, Button, Group, NumberInput, Select, Stack } from '@mantine/core';
import { IconTrash, IconUser } from '@tabler/icons-react';
import { useContext, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType, Model } from '@/api/model';
import { filterInputs } from '@/fields/filterInputs';
import type { Operator } from '@/fields/types';
import { resolveField } from '../fieldPath';
import { InPlaceLists } from '../InPlaceLists';
import { fieldHeading } from '../table/columns';
import { filterPaths, operatorsFor } from './fields';
import {
  type FilterCondition,
  type FilterOperator,
  type FilterValue,
  isComplete,
  isMe,
  isSpan,
  type Span,
  SPAN_UNITS,
  type SpanUnit,
  takesNoValue,
} from './filter';
import { OfferedFields } from './OfferedFields';

interface Props {
  model: Model;
  type: ContentType;
  condition: FilterCondition | undefined;
  /** Called when the condition says enough to be asked. */
  onChange: (condition: FilterCondition) => void;
  onRemove?: (() => void) | undefined;
  /** What is no field and can be asked all the same. */
  others?: readonly { value: string; label: string; choose: () => void }[] | undefined;
}

/** Before the names of what is no field, so that they are never one. */
const OTHER = '@';

/** One condition: which field, how, and what. What is not complete yet stays here. */
export function ConditionEditor({ model, type, condition, onChange, onRemove, others = [] }: Props) {
  const { t } = useTranslation(['views', 'fields']);
  const [draft, setDraft] = useState<FilterCondition | undefined>(condition);
  const offeredFields = useContext(OfferedFields);
  const named = (own: string): string => t(`views:own.${own}`);
  const change = (next: FilterCondition): void => {
    setDraft(next);
    if (isComplete(next)) onChange(next);
  };
  const paths = (grouped: boolean) => {
    const fields = filterPaths(model, type)
      .filter((field) => offeredFields?.includes(field) ?? true)
      .map((field) => ({ value: field, label: fieldHeading(model, type, field, named) }));
    return grouped ? [{ group: t('views:filter.fields'), items: fields }] : fields;
  };
  const attribute = draft ? resolveField(model, type, draft.field)?.attribute : undefined;
  const operators = draft ? operatorsFor(model, type, draft.field) : [];
  const setField = (field: string): void => {
    const operator = operatorsFor(model, type, field)[0];
    if (operator) change({ field, operator, ...initialValue(operator) });
  };
  const setOperator = (operator: FilterOperator): void => {
    if (!draft) return;
    const spans = operator === '$within' || operator === '$notWithin';
    const keep = draft.value !== undefined && spans === isSpan(draft.value) && !takesNoValue(operator);
    change({ field: draft.field, operator, ...(keep ? { value: draft.value } : initialValue(operator)) });
  };
  const Filter = attribute ? filterInputs[attribute.type] : null;
  return (
    <InPlaceLists>
      <Stack gap="xs">
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <Select
            flex={1}
            aria-label={t('views:filter.field')}
            placeholder={t('views:filter.chooseField')}
            data={[
              ...(others.length > 0
                ? [
                    {
                      group: t('views:editorial.title'),
                      items: others.map(({ value, label }) => ({ value: `${OTHER}${value}`, label })),
                    },
                  ]
                : []),
              ...paths(others.length > 0),
            ]}
            value={draft?.field ?? null}
            onChange={(field) =>
              field && (others.find(({ value }) => field === `${OTHER}${value}`)?.choose ?? (() => setField(field)))()
            }
            searchable
            allowDeselect={false}
            data-autofocus={draft ? undefined : true}
          />
          {onRemove && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size={32}
              aria-label={t('views:filter.remove')}
              onClick={onRemove}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </Group>
        {draft && (
          <Select
            aria-label={t('views:filter.operator')}
            data={[...new Set([...operators, draft.operator])].map((operator) => ({
              value: operator,
              label: t(`views:operator.${operator.slice(1)}`),
            }))}
            value={draft.operator}
            onChange={(operator) => operator && setOperator(operator as FilterOperator)}
            allowDeselect={false}
          />
        )}
        {draft && attribute && isSpan(draft.value) && (
          <SpanInput span={draft.value} onChange={(value) => change({ ...draft, value })} />
        )}
        {draft &&
          attribute &&
          Filter &&
          !takesNoValue(draft.operator) &&
          !isSpan(draft.value) &&
          !isMe(draft.value) && (
            <Filter
              label={t('views:filter.value')}
              attribute={attribute}
              operator={draft.operator as Operator}
              value={typeof draft.value === 'string' ? draft.value : Array.isArray(draft.value) ? [...draft.value] : ''}
              onChange={(value) => change({ ...draft, value })}
            />
          )}
        {draft && attribute && ['string', 'email'].includes(attribute.type) && draft.operator === '$eq' && (
          <Button
            size="compact-xs"
            variant={isMe(draft.value) ? 'filled' : 'default'}
            leftSection={<IconUser size={14} aria-hidden />}
            aria-pressed={isMe(draft.value)}
            onClick={() => change({ ...draft, value: isMe(draft.value) ? '' : { me: true } })}
            style={{ alignSelf: 'flex-start' }}
          >
            {t('views:filter.me')}
          </Button>
        )}
      </Stack>
    </InPlaceLists>
  );
}

/** What a new condition begins with. */
function initialValue(operator: FilterOperator): { value?: FilterValue } {
  if (takesNoValue(operator)) return {};
  if (operator === '$within' || operator === '$notWithin') return { value: { last: 7, unit: 'day' } };
  if (operator === '$between') return { value: ['', ''] };
  return { value: operator === '$in' || operator === '$notIn' ? [] : '' };
}

function makeSpan(kind: string, amount: number, unit: SpanUnit): Span {
  if (kind === 'this') return { this: unit };
  return kind === 'last' ? { last: amount, unit } : { next: amount, unit };
}

function SpanInput({ span, onChange }: { span: Span; onChange: (span: Span) => void }) {
  const { t } = useTranslation('views');
  const which = 'last' in span ? 'last' : 'next' in span ? 'next' : 'this';
  const unit = 'this' in span ? span.this : span.unit;
  const amount = 'last' in span ? span.last : 'next' in span ? span.next : 1;
  return (
    <Group gap="xs" wrap="nowrap">
      <Select
        aria-label={t('span.which')}
        data={(['last', 'next', 'this'] as const).map((value) => ({ value, label: t(`span.${value}`) }))}
        value={which}
        onChange={(value) => value && onChange(makeSpan(value, amount, unit))}
        allowDeselect={false}
      />
      {which !== 'this' && (
        <NumberInput
          aria-label={t('span.amount')}
          min={1}
          max={1000}
          value={amount}
          onChange={(value) => Number(value) > 0 && onChange(makeSpan(which, Math.round(Number(value)), unit))}
          w={80}
        />
      )}
      <Select
        aria-label={t('span.unit')}
        data={SPAN_UNITS.map((value) => ({
          value,
          label: t(`span.${value}`, { count: which === 'this' ? 1 : amount }),
        }))}
        value={unit}
        onChange={(value) => value && onChange(makeSpan(which, amount, value as SpanUnit))}
        allowDeselect={false}
      />
    </Group>
  );
}
