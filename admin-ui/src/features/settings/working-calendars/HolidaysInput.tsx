import { Button, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldProblem } from '../parts/problems';
import { useUndo } from '../parts/useUndo';
import { type HolidayDraft, newHolidayDraft } from './calendarDraft';
import { problemsBelow } from './calendarProblems';
import { holidayName } from './describe';
import { HolidayInput } from './HolidayInput';

interface Props {
  holidays: readonly HolidayDraft[];
  onChange: (update: (holidays: readonly HolidayDraft[]) => HolidayDraft[]) => void;
  problems: readonly FieldProblem[];
}

/** The days off that a calendar has of its own: a line each, which opens to be changed. */
export function HolidaysInput({ holidays, onChange, problems }: Props) {
  const { t } = useTranslation('workingCalendars');
  const { t: anyOf } = useTranslation();
  const undo = useUndo();
  const add = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const [added, setAdded] = useState(0);
  const toggle = (key: number): void => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
  };
  const remove = (holiday: HolidayDraft, at: number): void => {
    onChange((all) => all.filter((one) => one.key !== holiday.key));
    add.current?.focus();
    undo(t('holiday.removed', { name: holidayName(anyOf, holiday) }), async () =>
      onChange((all) => all.toSpliced(at, 0, holiday)),
    );
  };
  return (
    <Stack gap="xs" align="stretch">
      {holidays.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('holiday.none')}
        </Text>
      ) : (
        <Stack gap="xs" component="ul" aria-label={t('holiday.list')} m={0} p={0} style={{ listStyle: 'none' }}>
          {holidays.map((holiday, at) => {
            const path = `holidays.${at}`;
            return (
              <HolidayInput
                key={holiday.key}
                path={path}
                holiday={holiday}
                problems={problems}
                // What is wrong is seen, whether it was opened or not.
                opened={opened.has(holiday.key) || problemsBelow(problems, path) !== undefined}
                isNew={added === holiday.key}
                onToggle={() => toggle(holiday.key)}
                onChange={(part) =>
                  onChange((all) => all.map((one) => (one.key === holiday.key ? { ...one, ...part } : one)))
                }
                onRemove={() => remove(holiday, at)}
              />
            );
          })}
        </Stack>
      )}
      <Button
        ref={add}
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => {
          const holiday = newHolidayDraft();
          setAdded(holiday.key);
          setOpened(new Set([...opened, holiday.key]));
          onChange((all) => [...all, holiday]);
        }}
      >
        {t('holiday.add')}
      </Button>
    </Stack>
  );
}
