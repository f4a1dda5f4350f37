import { Alert, Anchor, SegmentedControl, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { checkSchedule, type SchedulePlan, schedule, type Subject } from '@/api/editorial';
import { goToField } from '@/fields/form/reveal';
import { toKeys } from '@/fields/form/values';
import { fieldId } from '@/fields/shared/inputProps';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { LOCAL_ZONE } from '@/ui/format';
import { FormDialog } from '@/ui/FormDialog';
import { lazyPart } from '@/ui/lazyPart';
import { announce } from '@/ui/live';
import { TimeZoneSelect } from '@/ui/TimeZoneSelect';
import { useRefusalReasons } from '@/views/review/useRefusalReasons';
import classes from './Edit.module.css';
import { pathLabelOf } from '@/fields/label';
import { PublicationChoice } from './PublicationChoice';
import type { EntrySession } from './session';
import { usePlanning } from './usePlanning';

const TimeSuggestions = lazyPart(() => import('@/ui/TimeSuggestions'));

interface ScheduleDialogProps {
  subject: Subject;
  session: EntrySession;
  onClose: () => void;
}

/** Publishing, or its opposite, at a time in a named time zone. */
export default function ScheduleDialog({ subject, session, onClose }: ScheduleDialogProps) {
  const { t } = useTranslation(['editor', 'common']);
  const queries = useQueryClient();
  const [action, setAction] = useState<SchedulePlan['action']>('publish');
  const [localTime, setLocalTime] = useState('');
  const [zone, setZone] = useState(LOCAL_ZONE);
  const [twice, setTwice] = useState(false);
  const [fold, setFold] = useState<SchedulePlan['fold']>('earlier');
  const { busy, error, run } = usePlanning(session, onClose);

  const reasonsOf = useRefusalReasons();
  // Before anything is planned: what is typed is saved, and what the server finds in it is said.
  const check = useQuery({
    queryKey: ['entry-schedules', 'check', subject, action],
    queryFn: async ({ signal }) => ((await session.flush('asked')) ? checkSchedule(subject, action, signal) : []),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const reasons = (check.data ?? []).flatMap(reasonsOf);

  const plan = async () => {
    try {
      await schedule(subject, { action, localTime, zone, ...(twice && fold ? { fold } : {}) });
    } catch (cause) {
      // A time that comes twice, when summer time ends: which of the two is meant?
      if (cause instanceof ApiError && /fold/i.test(cause.message)) setTwice(true);
      throw cause;
    }
    void queries.invalidateQueries({ queryKey: ['entry-schedules'] });
    announce(t('schedule.done'));
  };
  return (
    <FormDialog
      title={t('schedule.title')}
      onClose={onClose}
      onSubmit={() => void run(plan)}
      pending={busy}
      error={error}
      submit={t(reasons.length > 0 ? 'schedule.anyway' : 'schedule.do')}
      disabled={localTime === '' ? t('common:missing.time') : check.isPending && t('schedule.checking')}
    >
      <PublicationChoice value={action} onChange={setAction} />
      <TextInput
        data-autofocus
        required
        type="datetime-local"
        label={t('schedule.at')}
        value={localTime}
        onChange={(event) => setLocalTime(event.currentTarget.value)}
      />
      <TimeSuggestions zone={zone} value={localTime} onChoose={setLocalTime} fallback={null} />
      <TimeZoneSelect label={t('schedule.zone')} value={zone} onChange={setZone} />
      {twice && (
        <SegmentedControl
          aria-label={t('schedule.twice')}
          value={fold ?? 'earlier'}
          onChange={(value) => setFold(value === 'later' ? 'later' : 'earlier')}
          data={[
            { value: 'earlier', label: t('schedule.earlier') },
            { value: 'later', label: t('schedule.later') },
          ]}
        />
      )}
      {check.isError && <ErrorMessage error={check.error} retry={() => void check.refetch()} />}
      {reasons.length > 0 && (
        <Alert role="status" color="yellow" icon={<IconAlertTriangle aria-hidden />} title={t('schedule.problems')}>
          <ul className={classes.plainList}>
            {reasons.map(({ path, text }) => (
              <li key={`${path.join('.')} ${text}`}>
                {path.length > 0 && <FieldLink session={session} path={path} onLeave={onClose} />}
                {text}
              </li>
            ))}
          </ul>
          <Text size="sm">{t('schedule.problemsHint')}</Text>
        </Alert>
      )}
    </FormDialog>
  );
}

/** Leads from a reason to the field that it is about: the dialog is left for it. */
function FieldLink({
  session,
  path,
  onLeave,
}: {
  session: EntrySession;
  path: readonly string[];
  onLeave: () => void;
}) {
  const { store, type, model } = session;
  const field = toKeys(store.values, type.attributes, model, path);
  const name = pathLabelOf(model, type.attributes, path);
  if (field === '') return `${name}: `;
  return (
    <>
      <Anchor
        href={`#${fieldId(field)}`}
        size="sm"
        underline="always"
        onClick={(event) => {
          event.preventDefault();
          onLeave();
          goToField(store, field);
        }}
      >
        {name}
      </Anchor>
      {': '}
    </>
  );
}
