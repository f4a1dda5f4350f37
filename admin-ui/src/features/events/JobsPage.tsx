import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { cancelJob, JOB_STATES, type Job, type JobState, jobsQuery, retryJob } from '@/api/jobs';
import { PagedTable, StateBadge, type BadgeTone, useHasPermission, useUndo } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { jobsAddress } from './addresses';

const TONES: Record<JobState, BadgeTone> = {
  waiting: 'waiting',
  running: 'waiting',
  done: 'good',
  dead: 'bad',
  cancelled: 'off',
};

/** What the server does by itself: what is to come, what was, what failed. */
export default function JobsPage() {
  const { t } = useTranslation(['events', 'common']);
  const filter = jobsAddress.useSearch();
  const setSearch = jobsAddress.useSetSearch();
  const pages = useInfiniteQuery(jobsQuery(filter));
  const manage = useHasPermission('jobs.manage');
  const counts = pages.data?.pages[0]?.meta.counts ?? [];
  const inState = (state: JobState): number =>
    counts.filter((count) => count.state === state).reduce((sum, count) => sum + count.count, 0);
  return (
    <Stack gap="md">
      <PageTitle title={t('jobs.title')}>
        <Text size="sm" c="dimmed">
          {t('jobs.lead')}
        </Text>
      </PageTitle>
      <Group gap="xs" align="flex-end">
        <Select
          label={t('jobs.state')}
          data={JOB_STATES.map((state) => ({ value: state, label: `${t(`jobs.${state}`)} (${inState(state)})` }))}
          value={filter.state ?? null}
          onChange={(state) => setSearch({ state: (state as JobState | null) ?? undefined })}
          placeholder={t('common:all')}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
          w={200}
        />
        <Select
          label={t('jobs.name')}
          data={[...new Set(counts.map((count) => count.name))].toSorted()}
          value={filter.name ?? null}
          onChange={(name) => setSearch({ name: name ?? undefined })}
          placeholder={t('common:all')}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
          searchable
          w={280}
        />
        <Button variant="default" loading={pages.isRefetching} onClick={() => void pages.refetch()}>
          {t('refresh')}
        </Button>
      </Group>
      <PagedTable
        pages={pages}
        label={t('jobs.title')}
        keyOf={(job) => job.id}
        columns={[
          { label: t('jobs.name'), render: (job) => <JobName job={job} /> },
          {
            label: t('jobs.state'),
            render: (job) => (
              <>
                <StateBadge tone={TONES[job.state]}>{t(`jobs.${job.state}`)}</StateBadge>
                <Text size="xs" c="dimmed">
                  {t('deliveries.attempts', { count: job.attempt })}
                </Text>
              </>
            ),
          },
          { label: t('jobs.due'), render: (job) => <RelativeTime at={job.due} /> },
          { label: t('jobs.ended'), render: (job) => job.endedAt && <RelativeTime at={job.endedAt} /> },
          ...(manage ? [{ label: t('actions'), render: (job: Job) => <JobActions job={job} /> }] : []),
        ]}
        empty={
          <EmptyState icon={IconListCheck} title={t(filter.state || filter.name ? 'filter.nothing' : 'jobs.none')}>
            {t('jobs.noneHint')}
          </EmptyState>
        }
      />
    </Stack>
  );
}

function JobName({ job }: { job: Job }) {
  return (
    <>
      {job.name}
      {job.key && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {job.key}
        </Text>
      )}
      {job.error && (
        <Text size="xs" c="red" style={{ overflowWrap: 'anywhere' }}>
          {job.error}
        </Text>
      )}
    </>
  );
}

/** What can be done about a job. What went wrong with that stands below it. */
function JobActions({ job }: { job: Job }) {
  const { t } = useTranslation(['events', 'common']);
  const queries = useQueryClient();
  const undo = useUndo();
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['jobs'] });
  const again = async (): Promise<void> => {
    await retryJob(job.id);
    await changed();
  };
  const retry = useMutation({ mutationFn: again });
  const cancel = useMutation({
    mutationFn: () => cancelJob(job.id),
    onSuccess: async () => {
      undo(t('jobs.isCancelled', { name: job.name }), again);
      await changed();
    },
  });
  const error = retry.error ?? cancel.error;
  return (
    <>
      {(job.state === 'dead' || job.state === 'cancelled') && (
        <Button size="compact-sm" variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
          {t('common:retry')}
        </Button>
      )}
      {job.state === 'waiting' && (
        <Button size="compact-sm" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          {t('common:cancel')}
        </Button>
      )}
      {error && <ErrorMessage error={error} />}
    </>
  );
}
