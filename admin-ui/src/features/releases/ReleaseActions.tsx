import { Button, Checkbox, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconArrowBackUp, IconClock, IconPlus, IconWorldUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deleteRelease, type LocalTime, type Release, type ReleasePreview, runReleaseAction } from '@/api/releases';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime, LOCAL_ZONE } from '@/ui/format';
import { FormDialog } from '@/ui/FormDialog';
import { lazyPart } from '@/ui/lazyPart';
import { announce } from '@/ui/live';
import { TimeZoneSelect } from '@/ui/TimeZoneSelect';
import { releasesAddress } from './addresses';
import { isClosed } from './isClosed';
import { useReleasePermissions } from './useReleasePermissions';

const TimeSuggestions = lazyPart(() => import('@/ui/TimeSuggestions'));

interface ReleaseActionsProps {
  release: Release;
  check: ReleasePreview | undefined;
  empty: boolean;
  changed: () => Promise<void>;
  /** Opens the search for entries to add. */
  onAdd: () => void;
}

/** What can be done with a release as a whole, by whoever may do it. */
export function ReleaseActions({ release, check, empty, changed, onAdd }: ReleaseActionsProps) {
  const { t } = useTranslation(['releases', 'releasing', 'common']);
  const [dialog, setDialog] = useState<'publish' | 'schedule' | 'rollback' | 'delete' | null>(null);
  const unschedule = useMutation({ mutationFn: () => runReleaseAction(release.id, 'unschedule'), onSuccess: changed });
  const { mayManage, mayPublish } = useReleasePermissions();
  const { state } = release;
  const fit = check?.fit === true;
  return (
    <Group gap="xs">
      {unschedule.error && <ErrorMessage error={unschedule.error} />}
      {mayManage && !isClosed(state) && (
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={onAdd}>
          {t('releasing:adding.title')}
        </Button>
      )}
      {mayPublish && state === 'scheduled' && (
        <Button variant="default" loading={unschedule.isPending} onClick={() => unschedule.mutate()}>
          {t('releases:unschedule')}
        </Button>
      )}
      {mayPublish && (state === 'open' || state === 'failed') && (
        <Button
          variant="default"
          leftSection={<IconClock size={16} aria-hidden />}
          disabled={empty}
          onClick={() => setDialog('schedule')}
        >
          {t('releases:schedule')}
        </Button>
      )}
      {mayPublish && !isClosed(state) && (
        <Button
          leftSection={<IconWorldUpload size={16} aria-hidden />}
          disabled={empty || !fit}
          onClick={() => setDialog('publish')}
        >
          {t('releases:publish')}
        </Button>
      )}
      {mayPublish && state === 'done' && (
        <Button
          variant="default"
          leftSection={<IconArrowBackUp size={16} aria-hidden />}
          onClick={() => setDialog('rollback')}
        >
          {t('releases:rollback')}
        </Button>
      )}
      {mayManage && state !== 'scheduled' && (
        <Button variant="subtle" color="red" onClick={() => setDialog('delete')}>
          {t('common:delete')}
        </Button>
      )}
      {dialog === 'schedule' && <ScheduleRelease release={release} close={() => setDialog(null)} changed={changed} />}
      {(dialog === 'publish' || dialog === 'rollback' || dialog === 'delete') && (
        <ConfirmReleaseAction
          kind={dialog}
          release={release}
          count={check?.items.length ?? 0}
          close={() => setDialog(null)}
          changed={changed}
        />
      )}
    </Group>
  );
}

interface ConfirmProps {
  kind: 'publish' | 'rollback' | 'delete';
  release: Release;
  count: number;
  close: () => void;
  changed: () => Promise<void>;
}

function ConfirmReleaseAction({ kind, release, count, close, changed }: ConfirmProps) {
  const { t } = useTranslation(['releases', 'releasing', 'common']);
  const [overwrite, setOverwrite] = useState(false);
  const navigate = useNavigate();
  const act = useMutation({
    mutationFn: () =>
      kind === 'delete'
        ? deleteRelease(release.id)
        : kind === 'publish'
          ? runReleaseAction(release.id, 'publish')
          : runReleaseAction(release.id, 'rollback', { overwrite }),
    onSuccess: async () => {
      announce(t(`releases:confirm.${kind}.done`));
      if (kind === 'delete') await navigate(releasesAddress.to({}));
      await changed();
      close();
    },
  });
  return (
    <Modal
      opened
      onClose={close}
      title={t(`releases:confirm.${kind}.title`, { name: release.name })}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      <Stack gap="sm">
        <Text size="sm">{t(`releases:confirm.${kind}.text`, { count })}</Text>
        {kind === 'rollback' && (
          <Checkbox
            label={t('releases:confirm.rollback.overwrite')}
            checked={overwrite}
            onChange={(event) => setOverwrite(event.currentTarget.checked)}
          />
        )}
        {act.error && <ErrorMessage error={act.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common:cancel')}
          </Button>
          <Button
            data-autofocus
            color={kind === 'delete' ? 'red' : undefined}
            loading={act.isPending}
            onClick={() => act.mutate()}
          >
            {t(`releases:confirm.${kind}.button`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function ScheduleRelease({
  release,
  close,
  changed,
}: {
  release: Release;
  close: () => void;
  changed: () => Promise<void>;
}) {
  const { t } = useTranslation(['releases', 'releasing', 'common']);
  const [localTime, setLocalTime] = useState(release.localTime?.slice(0, 16) ?? '');
  const [zone, setZone] = useState(release.zone ?? LOCAL_ZONE);
  const [now] = useState(() => new Date());
  const [fold, setFold] = useState<LocalTime['fold']>();
  const plan = useMutation({
    mutationFn: () => runReleaseAction(release.id, 'schedule', { localTime, zone, ...(fold ? { fold } : {}) }),
    onSuccess: async () => {
      await changed();
      close();
    },
  });
  // The clock shows the hour twice when summer time ends.
  const twice = plan.error instanceof Error && /fold|twice/i.test(plan.error.message);
  return (
    <FormDialog
      title={t('releases:schedule')}
      onClose={close}
      onSubmit={() => {
        if (localTime) plan.mutate();
      }}
      pending={plan.isPending}
      error={plan.error}
      submit={t('releases:schedule')}
      disabled={!localTime && t('common:missing.time')}
    >
      <TextInput
        type="datetime-local"
        label={t('releases:time')}
        value={localTime}
        onChange={(event) => setLocalTime(event.currentTarget.value)}
        data-autofocus
      />
      <TimeSuggestions zone={zone} value={localTime} onChoose={setLocalTime} fallback={null} />
      <TimeZoneSelect label={t('releases:zone')} value={zone} onChange={setZone} />
      {localTime && zone !== LOCAL_ZONE && (
        <Text size="sm" c="dimmed">
          {t('releases:here', { zone: LOCAL_ZONE, now: formatDateTime(now, LOCAL_ZONE) })}
        </Text>
      )}
      {(twice || fold) && (
        <Select
          label={t('releases:fold')}
          data={[
            { value: 'earlier', label: t('releases:earlier') },
            { value: 'later', label: t('releases:later') },
          ]}
          value={fold ?? null}
          onChange={(value) => setFold(value === 'earlier' || value === 'later' ? value : undefined)}
        />
      )}
    </FormDialog>
  );
}
