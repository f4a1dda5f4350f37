import { Button, Group, MultiSelect, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { assignReview, type Review, setReviewDue, type Subject } from '@/api/editorial';
import { peopleQuery } from '@/api/users';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime, LOCAL_ZONE } from '@/ui/format';
import { lazyPart } from '@/ui/lazyPart';
import { announce } from '@/ui/live';
import { TimeZoneSelect } from '@/ui/TimeZoneSelect';

const TimeSuggestions = lazyPart(() => import('@/ui/TimeSuggestions'));

/** As many as the server takes. */
const MAX_ASSIGNEES = 20;

/** Whoever asked to set it wants to type next. */
function focusOnce(element: HTMLInputElement | null): void {
  element?.focus();
}

interface ReviewTaskProps {
  subject: Subject;
  review: Review;
  mayWrite: boolean;
  onChanged: (review: Review) => void;
}

/** Who is to see to an entry, and until when. */
export function ReviewTask({ subject, review, mayWrite, onChanged }: ReviewTaskProps) {
  const { t } = useTranslation('editor');
  const people = useQuery(peopleQuery);
  const assign = useMutation({
    mutationFn: (users: number[]) => assignReview(subject, users),
    onSuccess: (now) => {
      onChanged(now);
      announce(t('review.assigned'));
    },
  });
  const nameOf = (id: number, email: string | null) =>
    people.data?.find((person) => person.id === id)?.name ?? email ?? String(id);
  const assigned = review.assignees.map((each) => each.id);
  const names = review.assignees.map((each) => nameOf(each.id, each.email));
  const candidates = (people.data ?? []).filter((person) => person.active || assigned.includes(person.id));
  return (
    <Stack gap="xs">
      {mayWrite ? (
        <MultiSelect
          label={t('review.people')}
          placeholder={assigned.length === 0 ? t('review.nobody') : undefined}
          searchable
          maxValues={MAX_ASSIGNEES}
          data={candidates.map((person) => ({ value: String(person.id), label: person.name }))}
          // While the server is told, what was chosen is shown.
          value={(assign.isPending ? assign.variables : assigned).map(String)}
          disabled={!people.isSuccess}
          onChange={(ids) => assign.mutate(ids.map(Number))}
          hidePickedOptions
          nothingFoundMessage={t('review.noPeople')}
        />
      ) : (
        names.length > 0 && <Text size="sm">{t('review.assignees', { names: names.join(', ') })}</Text>
      )}
      {assign.isError && <ErrorMessage error={assign.error} />}
      <DueDateInput subject={subject} review={review} mayWrite={mayWrite} onChanged={onChanged} />
    </Stack>
  );
}

function DueDateInput({ subject, review, mayWrite, onChanged }: ReviewTaskProps) {
  const { t } = useTranslation('editor');
  const { due } = review;
  const [editing, setEditing] = useState(false);
  const [localTime, setLocalTime] = useState('');
  const [zone, setZone] = useState(LOCAL_ZONE);
  const set = useMutation({
    mutationFn: (wanted: { localTime: string; zone: string } | null) => setReviewDue(subject, wanted),
    onSuccess: (now) => {
      onChanged(now);
      setEditing(false);
      announce(t(now.due ? 'review.dueSet' : 'review.dueGone'));
    },
  });
  const begin = () => {
    setLocalTime(due?.localTime.slice(0, 16) ?? '');
    setZone(due?.zone ?? LOCAL_ZONE);
    set.reset();
    setEditing(true);
  };
  if (!editing) {
    return (
      <Group gap="xs">
        {due ? (
          <Text size="sm" c={due.overdue ? 'red' : undefined}>
            {t(due.overdue ? 'review.overdue' : 'review.due', { at: formatDateTime(due.at, due.zone), zone: due.zone })}
          </Text>
        ) : (
          <Text size="sm">{t('review.noDue')}</Text>
        )}
        {mayWrite && (
          <Button size="compact-xs" variant="subtle" onClick={begin}>
            {t(due ? 'review.dueChange' : 'review.dueAdd')}
          </Button>
        )}
      </Group>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate({ localTime, zone });
      }}
    >
      <Stack gap="xs">
        <TextInput
          type="datetime-local"
          label={t('review.dueAt')}
          required
          ref={focusOnce}
          value={localTime}
          onChange={(event) => setLocalTime(event.currentTarget.value)}
        />
        <TimeSuggestions zone={zone} value={localTime} onChoose={setLocalTime} fallback={null} />
        <TimeZoneSelect label={t('schedule.zone')} value={zone} onChange={setZone} />
        {set.isError && <ErrorMessage error={set.error} />}
        <Group gap="xs">
          <Button size="xs" type="submit" loading={set.isPending} disabled={localTime === ''}>
            {t('review.dueDo')}
          </Button>
          {due && (
            <Button size="xs" variant="default" loading={set.isPending} onClick={() => set.mutate(null)}>
              {t('review.dueRemove')}
            </Button>
          )}
          <Button size="xs" variant="subtle" onClick={() => setEditing(false)}>
            {t('cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
