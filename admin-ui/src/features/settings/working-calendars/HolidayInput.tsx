import { ActionIcon, Button, Card, Group, Radio, Stack, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconTrash } from '@tabler/icons-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldProblem } from '../parts/problems';
import type { HolidayDraft } from './calendarDraft';
import { problemOf, problemsBelow } from './calendarProblems';
import { DateRuleInput } from './DateRuleInput';
import { holidayName } from './describe';
import { HolidayLine } from './HolidayLine';
import { RecurrenceInput } from './RecurrenceInput';
import { newSpan } from './spans';
import { SpansInput } from './SpansInput';

interface Props {
  holiday: HolidayDraft;
  /** Where it is in the calendar: `holidays.0`. */
  path: string;
  problems: readonly FieldProblem[];
  opened: boolean;
  /** Added just now: takes the focus. */
  isNew: boolean;
  onToggle: () => void;
  onChange: (part: Partial<HolidayDraft>) => void;
  onRemove: () => void;
}

/** A day off of a calendar's own: in words, and opened to be changed. */
export function HolidayInput(props: Props) {
  const { holiday, path, problems, opened, onToggle, onRemove } = props;
  const { t } = useTranslation('workingCalendars');
  const { t: anyOf } = useTranslation();
  const id = useId();
  const name = holidayName(anyOf, holiday);
  const Chevron = opened ? IconChevronUp : IconChevronDown;
  return (
    <Card withBorder padding="xs" component="li" aria-label={name}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs">
        <HolidayLine holiday={holiday} problem={problemOf(problems, path)} />
        <Group gap={4} wrap="nowrap">
          <ActionIcon
            variant="default"
            size={28}
            aria-label={t('holiday.edit', { name })}
            aria-expanded={opened}
            aria-controls={id}
            onClick={onToggle}
          >
            <Chevron size={14} aria-hidden />
          </ActionIcon>
          <ActionIcon variant="default" size={28} aria-label={t('holiday.remove', { name })} onClick={onRemove}>
            <IconTrash size={14} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      <div id={id}>{opened && <HolidayFields {...props} />}</div>
    </Card>
  );
}

function HolidayFields({ holiday, path, problems, isNew, onChange }: Props) {
  const { t } = useTranslation('workingCalendars');
  const { t: anyOf } = useTranslation();
  const { rule, name, open, hours, moved, every } = holiday;
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isNew) first.current?.focus();
  }, [isNew]);
  const recurs = rule.kind !== 'date';
  const hasMore = Object.keys(moved).length > 0 || Object.keys(every).length > 0;
  const [unfolded, setUnfolded] = useState(hasMore);
  const isWrong =
    problemsBelow(problems, `${path}.moved`) !== undefined || problemsBelow(problems, `${path}.every`) !== undefined;
  const showsMore = unfolded || isWrong;
  const moreId = useId();
  return (
    <Stack gap="sm" mt="xs" align="stretch">
      <TextInput
        ref={first}
        label={t('holiday.name')}
        value={name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={problemOf(problems, `${path}.name`)}
        maxLength={60}
      />
      <DateRuleInput
        rule={rule}
        onChange={(next) => onChange({ rule: next })}
        error={problemsBelow(problems, `${path}.date`)}
      />
      <Radio.Group
        label={t('holiday.onThatDay')}
        value={open ? 'open' : 'closed'}
        onChange={(value) =>
          onChange({
            open: value === 'open',
            hours: value === 'open' && hours.length === 0 ? [newSpan('09:00', '12:00')] : hours,
          })
        }
      >
        <Group gap="md" mt={4}>
          <Radio value="closed" label={t('closed')} />
          <Radio value="open" label={t('holiday.ownHours')} />
        </Group>
      </Radio.Group>
      {open && (
        <SpansInput
          label={holidayName(anyOf, holiday)}
          path={`${path}.hours`}
          spans={hours}
          onChange={(next) => onChange({ hours: next })}
          problems={problems}
        />
      )}
      {recurs && (
        <>
          <Button
            size="compact-xs"
            variant="default"
            style={{ alignSelf: 'flex-start' }}
            rightSection={
              showsMore ? <IconChevronUp size={12} aria-hidden /> : <IconChevronDown size={12} aria-hidden />
            }
            aria-expanded={showsMore}
            aria-controls={moreId}
            onClick={() => setUnfolded(!unfolded)}
          >
            {t('holiday.more')}
          </Button>
          <div id={moreId}>
            {showsMore && (
              <RecurrenceInput path={path} moved={moved} every={every} onChange={onChange} problems={problems} />
            )}
          </div>
        </>
      )}
    </Stack>
  );
}
