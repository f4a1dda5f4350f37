import {
  ActionIcon,
  Box,
  Button,
  Code,
  Fieldset,
  Group,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { SchemaAttribute } from '@/api/schemaChanges';
import { labelOf } from '@/fields/label';
import classes from './Builder.module.css';
import {
  canDecide,
  type Condition,
  type ConditionProblem,
  type ConditionTerm,
  type ConditionTest,
  firstTerm,
  firstValue,
  isComplete,
  readCondition,
  testsOf,
  toRule,
  toValue,
  withCondition,
} from './model/conditions';
import { textFor } from './model/presentation';

/** Comparisons in a condition; more nobody understands. */
const MAX_TERMS = 10;

interface Props {
  attribute: SchemaAttribute;
  /** The other attributes of the type or component. */
  siblings: Readonly<Record<string, SchemaAttribute>>;
  problems: readonly ConditionProblem[];
  /** Somebody has tried to go on: what is missing is told. */
  tried: boolean;
  onChange: (attribute: SchemaAttribute) => void;
}

/** When a field is shown in the form: comparisons of the fields beside it. */
export function ConditionFields({ attribute, siblings, problems, tried, onChange }: Props) {
  const { t } = useTranslation('builder');
  const problemText = useConditionProblemText(siblings);
  const rule = attribute.conditions?.visible;
  const condition = readCondition(rule);
  const deciding = Object.keys(siblings).filter((name) => canDecide(siblings[name]?.type));
  const [first] = deciding;
  const set = (next: Condition): void => onChange(withCondition(attribute, toRule(next, siblings)));
  const termOf = (field: string): ConditionTerm => firstTerm(field, siblings[field]);
  const add = first !== undefined && (!condition || condition.terms.length < MAX_TERMS) && (
    <Group>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        onClick={() => set({ join: condition?.join ?? 'and', terms: [...(condition?.terms ?? []), termOf(first)] })}
      >
        {t(condition ? 'condition.addTerm' : 'condition.add')}
      </Button>
    </Group>
  );
  return (
    <Fieldset legend={t('condition.title')}>
      <Stack gap="md">
        <Text size="xs" c="dimmed">
          {t('condition.hint')}
        </Text>
        {problems.map((problem) => (
          <Text key={JSON.stringify(problem)} className={classes.error} role="alert">
            {problemText(problem)}
          </Text>
        ))}
        {rule !== undefined && !condition && (
          <>
            <Text size="sm">{t('condition.written')}</Text>
            <Code block>{JSON.stringify(rule, null, 2)}</Code>
            <Group>
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconTrash size={16} aria-hidden />}
                onClick={() => onChange(withCondition(attribute, undefined))}
              >
                {t('condition.remove')}
              </Button>
            </Group>
          </>
        )}
        {condition && condition.terms.length > 1 && (
          <Group gap="xs">
            <Text size="sm">{t('condition.join')}</Text>
            <SegmentedControl
              size="xs"
              aria-label={t('condition.join')}
              value={condition.join}
              data={(['and', 'or'] as const).map((value) => ({ value, label: t(`condition.${value}`) }))}
              onChange={(join) => set({ ...condition, join: join as Condition['join'] })}
            />
          </Group>
        )}
        {condition?.terms.map((term, at) => (
          <Term
            key={at}
            number={at + 1}
            term={term}
            siblings={siblings}
            deciding={deciding}
            tried={tried}
            onChange={(next) => set({ ...condition, terms: condition.terms.toSpliced(at, 1, next) })}
            onRemove={() => set({ ...condition, terms: condition.terms.toSpliced(at, 1) })}
          />
        ))}
        {(rule === undefined || condition) && add}
        {rule === undefined && first === undefined && <Text size="sm">{t('condition.none')}</Text>}
      </Stack>
    </Fieldset>
  );
}

interface TermProps {
  number: number;
  term: ConditionTerm;
  siblings: Props['siblings'];
  deciding: readonly string[];
  tried: boolean;
  onChange: (term: ConditionTerm) => void;
  onRemove: () => void;
}

/** One comparison: a field, what is asked of it, and the value. */
function Term({ number, term, siblings, deciding, tried, onChange, onRemove }: TermProps) {
  const { t } = useTranslation('builder');
  const nameOf = useNameOf(siblings);
  const other = siblings[term.field];
  // What is gone stays to be seen until something else is chosen.
  const fields = deciding.includes(term.field) ? deciding : [term.field, ...deciding];
  const tests = testsOf(other?.type);
  const setTest = (test: ConditionTest): void => {
    const { value = firstValue(other), ...rest } = term;
    onChange(test === 'is' || test === 'isNot' ? { ...rest, test, value } : { field: rest.field, test });
  };
  return (
    <Group gap="xs" align="flex-start" wrap="nowrap" role="group" aria-label={t('condition.number', { number })}>
      <Box flex={1} miw={0}>
        <SimpleGrid type="container" cols={{ base: 1, '380px': 3 }} spacing="xs">
          <Select
            aria-label={t('condition.field')}
            searchable={fields.length > 8}
            allowDeselect={false}
            data={fields.map((value) => ({ value, label: nameOf(value) }))}
            value={term.field}
            error={other === undefined}
            onChange={(field) => field && field !== term.field && onChange(firstTerm(field, siblings[field]))}
          />
          <Select
            aria-label={t('condition.test')}
            allowDeselect={false}
            data={(tests.includes(term.test) ? tests : [term.test, ...tests]).map((value) => ({
              value,
              label: t(`condition.${value}`),
            }))}
            value={term.test}
            onChange={(test) => test && setTest(test as ConditionTest)}
          />
          {(term.test === 'is' || term.test === 'isNot') && (
            <TermValue
              term={term}
              other={other}
              error={tried && !isComplete(term, other)}
              onChange={(value) => onChange({ ...term, value })}
            />
          )}
        </SimpleGrid>
      </Box>
      <ActionIcon
        variant="subtle"
        color="red"
        mt={4}
        aria-label={t('condition.removeTerm', { number })}
        onClick={onRemove}
      >
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}

interface TermValueProps {
  term: ConditionTerm;
  other: SchemaAttribute | undefined;
  error: boolean;
  onChange: (value: string | number | boolean) => void;
}

/** The value that a field is compared with, chosen where its kind has only some. */
function TermValue({ term, other, error, onChange }: TermValueProps) {
  const { t } = useTranslation(['builder', 'fields']);
  const { value = '' } = term;
  if (typeof value === 'boolean') {
    return (
      <Select
        aria-label={t('builder:condition.value')}
        allowDeselect={false}
        data={(['true', 'false'] as const).map((each) => ({ value: each, label: t(`fields:boolean.${each}`) }))}
        value={String(value)}
        onChange={(chosen) => onChange(chosen === 'true')}
      />
    );
  }
  const isNumber = typeof toValue(other?.type, '1') === 'number';
  const message = error ? t(isNumber ? 'builder:condition.noNumber' : 'builder:condition.noValue') : null;
  if (other?.type === 'enumeration') {
    const known = other.enum ?? [];
    const all = value === '' || known.includes(String(value)) ? known : [String(value), ...known];
    return (
      <Select
        aria-label={t('builder:condition.value')}
        allowDeselect={false}
        searchable={all.length > 8}
        data={all}
        value={String(value) || null}
        error={message}
        onChange={(chosen) => onChange(chosen ?? '')}
      />
    );
  }
  return (
    <TextInput
      aria-label={t('builder:condition.value')}
      placeholder={t('builder:condition.value')}
      inputMode={isNumber ? 'decimal' : 'text'}
      value={String(value)}
      error={message}
      onChange={(event) => onChange(event.currentTarget.value)}
      onBlur={() => typeof value === 'string' && onChange(toValue(other?.type, value))}
    />
  );
}

function useNameOf(attributes: Readonly<Record<string, SchemaAttribute>>): (name: string) => string {
  const { i18n } = useTranslation();
  return (name) => {
    const attribute = attributes[name];
    return attribute ? labelOf(name, { label: textFor(attribute.pluginOptions?.cairn?.label, i18n.language) }) : name;
  };
}

/** What is wrong with a condition, in words. */
export function useConditionProblemText(
  attributes: Readonly<Record<string, SchemaAttribute>>,
): (problem: ConditionProblem) => string {
  const { t } = useTranslation('builder');
  const nameOf = useNameOf(attributes);
  return (problem) => {
    switch (problem.is) {
      case 'missing':
        return t('condition.missing', { field: problem.field });
      case 'kind':
        return t('condition.kind', { field: nameOf(problem.field) });
      case 'value':
        return t('condition.valueGone', { value: problem.value, field: nameOf(problem.field) });
      case 'circle':
        return t('condition.circle', { fields: problem.fields.map(nameOf).join(' → ') });
    }
  };
}
