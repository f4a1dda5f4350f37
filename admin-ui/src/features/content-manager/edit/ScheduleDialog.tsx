import { Alert, Button, Group, Modal, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { type SchedulePlan, schedule, type Subject } from '@/api/editorial';
import { ErrorMessage } from '@/ui/ErrorMessage';
import type { EntrySession } from './session';

interface ScheduleDialogProps {
  subject: Subject;
  session: EntrySession;
  onClose: () => void;
}

const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Publishing, or its opposite, at a time in a named time zone. */
export default function ScheduleDialog({ subject, session, onClose }: ScheduleDialogProps) {
  const { t } = useTranslation('editor');
  const queries = useQueryClient();
  const [action, setAction] = useState<SchedulePlan['action']>('publish');
  const [localTime, setLocalTime] = useState('');
  const [zone, setZone] = useState(localZone);
  const [twice, setTwice] = useState(false);
  const [fold, setFold] = useState<SchedulePlan['fold']>('earlier');
  const [error, setError] = useState<unknown>(null);
  const [problems, setProblems] = useState<string[] | null>(null);
  const [busy, setBusy] = useState(false);

  const plan = async () => {
    setBusy(true);
    setError(null);
    try {
      if (!(await session.flush('asked'))) {
        onClose();
        return;
      }
      const found = await schedule(subject, { action, localTime, zone, ...(twice && fold ? { fold } : {}) });
      void queries.invalidateQueries({ queryKey: ['entry-schedules'] });
      if (found.length === 0) onClose();
      else setProblems(found);
    } catch (cause) {
      // A time that comes twice, when summer time ends: which of the two is meant?
      if (cause instanceof ApiError && /fold/i.test(cause.message)) setTwice(true);
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('schedule.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {problems ? (
        <Stack>
          <Alert color="yellow" title={t('schedule.planned')}>
            <Text size="sm">{t('schedule.problems')}</Text>
            <ul>
              {problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </Alert>
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('close')}</Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void plan();
          }}
        >
          <Stack>
            <SegmentedControl
              aria-label={t('schedule.action')}
              value={action}
              onChange={(value) => setAction(value === 'unpublish' ? 'unpublish' : 'publish')}
              data={[
                { value: 'publish', label: t('schedule.publish') },
                { value: 'unpublish', label: t('schedule.unpublish') },
              ]}
            />
            <TextInput
              data-autofocus
              required
              type="datetime-local"
              label={t('schedule.at')}
              value={localTime}
              onChange={(event) => setLocalTime(event.currentTarget.value)}
            />
            <Select
              label={t('schedule.zone')}
              searchable
              allowDeselect={false}
              data={Intl.supportedValuesOf('timeZone')}
              value={zone}
              onChange={(value) => setZone(value ?? localZone)}
            />
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
            {error !== null && <ErrorMessage error={error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {t('cancel')}
              </Button>
              <Button type="submit" loading={busy} disabled={localTime === ''}>
                {t('schedule.do')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
