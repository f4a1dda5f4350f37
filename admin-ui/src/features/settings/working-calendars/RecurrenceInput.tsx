import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { HolidayYears } from '@/api/workingCalendars';
import type { FieldProblem } from '../parts/problems';
import type { HolidayDraft } from './calendarDraft';
import { problemOf, problemsBelow } from './calendarProblems';
import { weekdayName } from './describe';
import { WEEKDAYS } from './spans';

interface Props extends Pick<HolidayDraft, 'moved' | 'every'> {
  /** Where the holiday is in the calendar. */
  path: string;
  onChange: (part: Pick<HolidayDraft, 'moved'> | Pick<HolidayDraft, 'every'>) => void;
  problems: readonly FieldProblem[];
}

/** Farthest days that a holiday moves. */
const MAX_SHIFT = 7;

const YEAR_FIELDS = ['years', 'from', 'until'] as const satisfies readonly (keyof HolidayYears)[];

/** What else holds for a day off that recurs: where it moves from some weekdays, and in which years it is. */
export function RecurrenceInput({ path, moved, every, onChange, problems }: Props) {
  const { t } = useTranslation('workingCalendars');
  const setYears = (name: (typeof YEAR_FIELDS)[number], value: string | number): void => {
    const { [name]: _before, ...others } = every;
    onChange({ every: value === '' ? others : { ...others, [name]: Math.round(Number(value)) } });
  };
  return (
    <Stack gap="sm">
      <MovedInput path={path} moved={moved} onChange={onChange} problems={problems} />
      <div role="group" aria-label={t('years.title')}>
        <Text size="sm" fw={500}>
          {t('years.title')}
        </Text>
        <Text size="xs" c="dimmed">
          {t('years.hint')}
        </Text>
        <Group gap="xs" align="flex-start" mt={4}>
          {YEAR_FIELDS.map((name) => (
            <NumberInput
              key={name}
              label={t(`years.${name}`)}
              min={1}
              max={name === 'years' ? 100 : 9999}
              allowDecimal={false}
              allowNegative={false}
              thousandSeparator={false}
              value={every[name] ?? ''}
              onChange={(value) => setYears(name, value)}
              error={problemsBelow(problems, `${path}.every.${name}`)}
              w={110}
            />
          ))}
        </Group>
        <Text size="xs" c="var(--mantine-color-error)">
          {problemOf(problems, `${path}.every`)}
        </Text>
      </div>
    </Stack>
  );
}

function MovedInput({ path, moved, onChange, problems }: Omit<Props, 'every'>) {
  const { t } = useTranslation('workingCalendars');
  const rows = Object.entries(moved);
  const free = WEEKDAYS.filter((day) => !(day in moved));
  const set = (next: [string, number][]): void => onChange({ moved: Object.fromEntries(next) });
  const shifts = Array.from({ length: 2 * MAX_SHIFT + 1 }, (_, at) => at - MAX_SHIFT).filter((days) => days !== 0);
  const shiftName = (days: number): string =>
    days < 0 ? t('moved.earlier', { count: -days }) : t('moved.later', { count: days });
  return (
    <div role="group" aria-label={t('moved.title')}>
      <Text size="sm" fw={500}>
        {t('moved.title')}
      </Text>
      <Stack gap={6} mt={4} align="flex-start">
        {rows.map(([day, days], at) => (
          <Group key={day} gap="xs" align="flex-start">
            <Select
              aria-label={t('moved.weekday', { number: at + 1 })}
              data={[day, ...free].map((one) => ({ value: one, label: weekdayName(one) }))}
              value={day}
              onChange={(next) => next && set(rows.toSpliced(at, 1, [next, days]))}
              allowDeselect={false}
              error={problemsBelow(problems, `${path}.moved.${day}`)}
              w={122}
            />
            <Select
              aria-label={t('moved.to', { day: weekdayName(day) })}
              data={[...new Set([...shifts, days])].map((one) => ({ value: String(one), label: shiftName(one) }))}
              value={String(days)}
              onChange={(next) => next && set(rows.toSpliced(at, 1, [day, Number(next)]))}
              allowDeselect={false}
              w={136}
            />
            <ActionIcon
              variant="default"
              size={30}
              aria-label={t('moved.remove', { day: weekdayName(day) })}
              onClick={() => set(rows.toSpliced(at, 1))}
            >
              <IconTrash size={14} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Text size="xs" c="var(--mantine-color-error)">
          {problemOf(problems, `${path}.moved`)}
        </Text>
        {free.length > 0 && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconPlus size={12} aria-hidden />}
            onClick={() => {
              const day = free.at(-1);
              if (day) set([...rows, [day, day === 'sunday' ? -1 : 1]]);
            }}
          >
            {t('moved.add')}
          </Button>
        )}
      </Stack>
    </div>
  );
}
