import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { calendarQuery, type PlannedEntry } from '@/api/calendar';
import { cancelOccurrence, changeOccurrence, type SlotRule } from '@/api/slotRules';
import { problemAt, QueryState, Section, useUndo } from '@/features/settings';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { FormDialog } from '@/ui/FormDialog';
import { localDay } from '@/views/filters/span';

/** So far ahead is looked, and so many are shown. */
const LOOKAHEAD_DAYS = 390;
const MAX_OCCURRENCES = 8;

/** The next times of a rule as they stand in the calendar, each of which can be changed or cancelled. */
export function Occurrences({ rule, mayPlan }: { rule: SlotRule; mayPlan: boolean }) {
  const { t } = useTranslation(['calendar', 'common']);
  const queries = useQueryClient();
  const undo = useUndo();
  const [today] = useState(() => new Date());
  const range = {
    from: localDay(today),
    to: localDay(new Date(today.getTime() + LOOKAHEAD_DAYS * 86_400_000)),
    zone: rule.zone,
    kinds: 'planned',
  };
  const calendar = useQuery(calendarQuery(range));
  const [changing, setChanging] = useState<PlannedEntry | null>(null);
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['calendar'] });
  const cancel = useMutation({
    mutationFn: async (entry: PlannedEntry) => {
      const at = { rule: rule.id, occurrence: entry.occurrence ?? '', slot: entry.slot };
      if (entry.slot) {
        await changeOccurrence(at, { status: 'cancelled' });
        return at;
      }
      return { ...at, slot: (await cancelOccurrence(rule.id, at.occurrence)).id };
    },
    onSuccess: async (at, entry) => {
      undo(t('calendar:rule.cancelled', { when: formatDateTime(entry.at, rule.zone) }), async () => {
        await changeOccurrence(at, { status: 'planned' });
        await changed();
      });
      await changed();
    },
  });
  return (
    <Section title={t('calendar:rule.upcoming')} lead={t('calendar:rule.upcomingLead')}>
      {cancel.error && <ErrorMessage error={cancel.error} />}
      <QueryState query={calendar}>
        {({ days }) => {
          const mine = days
            .flatMap((day) => day.entries)
            .filter((entry) => entry.kind === 'planned')
            .filter((entry) => entry.rule === rule.id && entry.status !== 'cancelled');
          if (mine.length === 0) return <Text size="sm">{t('calendar:rule.over')}</Text>;
          return (
            <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
              {mine.slice(0, MAX_OCCURRENCES).map((entry) => {
                const when = formatDateTime(entry.at, rule.zone);
                return (
                  <Group key={entry.occurrence} component="li" justify="space-between" gap="xs">
                    <Text size="sm">
                      <time dateTime={entry.at}>{when}</time>
                      {entry.title !== rule.title && ` · ${entry.title}`}
                      {entry.slot && (
                        <Text span size="sm" c="dimmed">
                          {' '}
                          ({t('calendar:rule.different')})
                        </Text>
                      )}
                    </Text>
                    {mayPlan && (
                      <Group gap="xs">
                        <Button
                          size="compact-sm"
                          variant="default"
                          aria-label={t('calendar:rule.changeAt', { when })}
                          onClick={() => setChanging(entry)}
                        >
                          {t('common:edit')}
                        </Button>
                        <Button
                          size="compact-sm"
                          variant="default"
                          disabled={cancel.isPending}
                          aria-label={t('calendar:rule.cancelAt', { when })}
                          onClick={() => cancel.mutate(entry)}
                        >
                          {t('calendar:rule.cancel')}
                        </Button>
                      </Group>
                    )}
                  </Group>
                );
              })}
            </Stack>
          );
        }}
      </QueryState>
      {changing && <ChangeDialog rule={rule} entry={changing} close={() => setChanging(null)} done={changed} />}
    </Section>
  );
}

function ChangeDialog({
  rule,
  entry,
  close,
  done,
}: {
  rule: SlotRule;
  entry: PlannedEntry;
  close: () => void;
  done: () => Promise<void>;
}) {
  const { t } = useTranslation(['calendar', 'common']);
  const [day, setDay] = useState(entry.localTime.slice(0, 10));
  const [time, setTime] = useState(entry.localTime.slice(11, 16));
  const [title, setTitle] = useState(entry.title ?? '');
  const [note, setNote] = useState('');
  const change = useMutation({
    mutationFn: () =>
      changeOccurrence(
        { rule: rule.id, occurrence: entry.occurrence ?? '', slot: entry.slot },
        {
          title: title.trim() || rule.title,
          when: { localTime: `${day}T${time}`, zone: rule.zone },
          ...(note.trim() ? { note: note.trim() } : {}),
        },
      ),
    onSuccess: async () => {
      close();
      await done();
    },
  });
  return (
    <FormDialog
      title={t('calendar:rule.changeTitle', { when: formatDateTime(entry.at, rule.zone) })}
      onClose={close}
      onSubmit={() => change.mutate()}
      pending={change.isPending}
      error={change.error}
      disabled={(!day || !time) && t('common:missing.time')}
    >
      <Text size="sm" c="dimmed">
        {t('calendar:rule.changeLead')}
      </Text>
      <TextInput
        label={t('calendar:what')}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        error={problemAt(change.error, 'title')}
        data-autofocus
      />
      <Group grow>
        <TextInput
          type="date"
          label={t('calendar:day')}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
          error={problemAt(change.error, 'when')}
        />
        <TextInput
          type="time"
          label={t('calendar:time')}
          description={rule.zone}
          value={time}
          onChange={(event) => setTime(event.currentTarget.value)}
        />
      </Group>
      <Textarea
        label={t('calendar:rule.note')}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        autosize
        minRows={2}
      />
    </FormDialog>
  );
}
