import { Checkbox, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { fromRule, FREQUENCIES, type Frequency, type Recurrence, toRule, WEEKDAYS, weekdayOf } from './recurrence';
import { describeRecurrence, weekdayName } from './describeRecurrence';

interface Props {
  /** An RRULE. */
  rule: string;
  /** The first local time: where nothing else is said its day is meant. */
  start: string;
  onChange: (rule: string) => void;
  error?: string;
}

const WEEKS_OF_MONTH = [1, 2, 3, 4, -1];

/** How often something comes. What was made elsewhere and says more than this stays a line of text. */
export function RecurrenceInput({ rule, start, onChange, error }: Props) {
  const { t } = useTranslation('calendar');
  const rhythm = fromRule(rule, start);
  const usual = (): Recurrence => ({
    often: 'weekly',
    interval: 1,
    weekdays: [weekdayOf(start.slice(0, 10))],
    month: { day: Number(start.slice(8, 10)) || 1 },
  });
  if (!rhythm) {
    return (
      <Stack gap={6}>
        <TextInput
          label={t('rule.rhythm')}
          description={t('rule.own')}
          value={rule}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={error}
        />
        <Group>
          <Select
            aria-label={t('rule.often')}
            placeholder={t('rule.instead')}
            data={FREQUENCIES.map((one) => ({ value: one, label: t(`rule.unit.${one}`) }))}
            value={null}
            onChange={(often) => often && onChange(toRule({ ...usual(), often: often as Frequency }))}
            w={200}
          />
        </Group>
      </Stack>
    );
  }
  const set = (part: Partial<Recurrence>): void => onChange(toRule({ ...rhythm, ...part }));
  const { month } = rhythm;
  return (
    <Stack gap="xs" role="group" aria-label={t('rule.rhythm')}>
      <Group gap="xs" align="flex-end">
        <NumberInput
          label={t('rule.interval')}
          min={1}
          max={500}
          allowDecimal={false}
          value={rhythm.interval}
          onChange={(interval) => set({ interval: Math.max(1, Math.round(Number(interval)) || 1) })}
          error={error && ' '}
          w={90}
        />
        <Select
          aria-label={t('rule.often')}
          data={FREQUENCIES.map((one) => ({ value: one, label: t(`rule.unit.${one}`) }))}
          value={rhythm.often}
          onChange={(often) => often && set({ often: often as Frequency })}
          allowDeselect={false}
          w={140}
        />
      </Group>
      {rhythm.often === 'weekly' && (
        <Checkbox.Group
          label={t('rule.weekdays')}
          value={rhythm.weekdays}
          onChange={(weekdays) => set({ weekdays: weekdays.length > 0 ? weekdays : rhythm.weekdays })}
        >
          <Group gap="sm" mt={4}>
            {WEEKDAYS.map((day) => (
              <Checkbox key={day} value={day} label={weekdayName(day)} />
            ))}
          </Group>
        </Checkbox.Group>
      )}
      {rhythm.often === 'monthly' && (
        <Group gap="xs" align="flex-end">
          <Select
            label={t('rule.which')}
            data={[
              { value: 'day', label: t('rule.aDay') },
              ...WEEKS_OF_MONTH.map((nth) => ({
                value: String(nth),
                label: t(`rule.the.${nth === -1 ? 'last' : nth}`),
              })),
            ]}
            value={'day' in month ? 'day' : String(month.nth)}
            onChange={(next) => {
              if (next === 'day') set({ month: { day: Number(start.slice(8, 10)) || 1 } });
              else if (next)
                set({
                  month: {
                    nth: Number(next),
                    weekday: 'weekday' in month ? month.weekday : weekdayOf(start.slice(0, 10)),
                  },
                });
            }}
            allowDeselect={false}
            w={160}
          />
          {'day' in month ? (
            <Select
              aria-label={t('rule.aDay')}
              data={[
                ...Array.from({ length: 31 }, (_, at) => ({ value: String(at + 1), label: String(at + 1) })),
                { value: '-1', label: t('rule.lastDay') },
              ]}
              value={String(month.day)}
              onChange={(day) => day && set({ month: { day: Number(day) } })}
              allowDeselect={false}
              w={140}
            />
          ) : (
            <Select
              aria-label={t('rule.weekday')}
              data={WEEKDAYS.map((day) => ({ value: day, label: weekdayName(day) }))}
              value={month.weekday}
              onChange={(weekday) => weekday && set({ month: { nth: month.nth, weekday } })}
              allowDeselect={false}
              w={140}
            />
          )}
        </Group>
      )}
      <Text size="sm" c="dimmed">
        {describeRecurrence(t, rhythm)}
      </Text>
      {error && (
        <Text size="sm" c="var(--mantine-color-error)">
          {error}
        </Text>
      )}
    </Stack>
  );
}
