import { Group, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { localDay } from '@/views/filters/span';
import {
  changeDateRuleKind,
  DATE_RULE_KINDS,
  type DateRule,
  type DateRuleKind,
  EASTER_SIDES,
  MONTHS,
  type Ordinal,
  ORDINALS,
} from './dateRule';
import { monthName, weekdayName } from './describe';
import { type Weekday, WEEKDAYS } from './spans';

interface Props {
  rule: DateRule;
  onChange: (rule: DateRule) => void;
  error?: string;
}

/** Farthest days from Easter Sunday that lie in its year, whenever Easter is. */
const EASTER_LIMITS = { before: 100, after: 250 };

const toDay = (value: string | number): number | '' => (value === '' ? '' : Math.round(Number(value)));

/** The days of a holiday: one date, or a rule. */
export function DateRuleInput({ rule, onChange, error }: Props) {
  const { t } = useTranslation('workingCalendars');
  const kinds: readonly DateRuleKind[] = rule.kind === 'other' ? [...DATE_RULE_KINDS, 'other'] : DATE_RULE_KINDS;
  const month = (value: string, change: (month: string) => DateRule) => (
    <Select
      label={t('rule.month')}
      data={MONTHS.map((one) => ({ value: one, label: monthName(one) }))}
      value={value}
      onChange={(next) => next && onChange(change(next))}
      allowDeselect={false}
      error={Boolean(error)}
      w={130}
    />
  );
  return (
    <Stack gap="sm">
      <Select
        label={t('rule.kind')}
        data={kinds.map((kind) => ({ value: kind, label: t(`rule.kinds.${kind}`) }))}
        value={rule.kind}
        onChange={(kind) => kind && onChange(changeDateRuleKind(rule, kind as DateRuleKind, localDay(new Date())))}
        allowDeselect={false}
        maw={280}
      />
      <Group gap="xs" align="flex-start">
        {rule.kind === 'date' && (
          <TextInput
            type="date"
            label={t('rule.date')}
            value={rule.date}
            onChange={(event) => onChange({ ...rule, date: event.currentTarget.value })}
            error={error}
            w={150}
          />
        )}
        {rule.kind === 'yearly' && (
          <>
            <NumberInput
              label={t('rule.day')}
              min={1}
              max={31}
              allowDecimal={false}
              value={rule.day}
              onChange={(day) => onChange({ ...rule, day: toDay(day) })}
              error={error}
              w={80}
            />
            {month(rule.month, (next) => ({ ...rule, month: next }))}
          </>
        )}
        {rule.kind === 'easter' && <EasterInput rule={rule} onChange={onChange} error={error} />}
        {rule.kind === 'weekday' && (
          <>
            <Select
              label={t('rule.ordinal')}
              data={ORDINALS.map((one) => ({ value: one, label: t(`ordinal.${one}`) }))}
              value={rule.ordinal}
              onChange={(ordinal) => ordinal && onChange({ ...rule, ordinal: ordinal as Ordinal })}
              allowDeselect={false}
              error={error}
              w={110}
            />
            <Select
              label={t('rule.weekday')}
              data={WEEKDAYS.map((one) => ({ value: one, label: weekdayName(one) }))}
              value={rule.weekday}
              onChange={(weekday) => weekday && onChange({ ...rule, weekday: weekday as Weekday })}
              allowDeselect={false}
              error={Boolean(error)}
              w={130}
            />
            {month(rule.month, (next) => ({ ...rule, month: next }))}
          </>
        )}
        {rule.kind === 'other' && (
          <TextInput
            label={t('rule.text')}
            value={rule.text}
            onChange={(event) => onChange({ ...rule, text: event.currentTarget.value })}
            error={error}
          />
        )}
      </Group>
    </Stack>
  );
}

/** Easter Sunday, or so many days before or after it. */
function EasterInput({
  rule,
  onChange,
  error,
}: {
  rule: Extract<DateRule, { kind: 'easter' }>;
  onChange: (rule: DateRule) => void;
  error?: string;
}) {
  const { t } = useTranslation('workingCalendars');
  const { side, days } = rule;
  return (
    <>
      {side !== 'on' && (
        <NumberInput
          label={t('rule.days')}
          min={1}
          max={EASTER_LIMITS[side]}
          allowDecimal={false}
          allowNegative={false}
          value={days}
          onChange={(next) => onChange({ ...rule, days: toDay(next) })}
          error={error}
          w={80}
        />
      )}
      <Select
        label={t('rule.side')}
        data={EASTER_SIDES.map((one) => ({ value: one, label: t(`rule.sides.${one}`) }))}
        value={side}
        onChange={(next) => {
          const chosen = EASTER_SIDES.find((one) => one === next);
          if (chosen) onChange({ ...rule, side: chosen });
        }}
        allowDeselect={false}
        error={side === 'on' ? error : Boolean(error)}
        w={190}
      />
    </>
  );
}
