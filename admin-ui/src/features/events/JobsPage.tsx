import { Button, Group, Select, Stack, Table, Text } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { cancelJob, JOB_STATES, type Job, type JobState, jobsQuery, retryJob } from '@/api/jobs';
import { MoreRows, QueryState, StateBadge, TableScroll, type Tone, useMay, useUndo } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { jobsRoute } from './routes';

const TONES: Record<JobState, Tone> = { waiting: 'waiting', running: 'waiting', done: 'good', dead: 'bad', cancelled: 'off' };

/** What the server does by itself: what is to come, what was, what failed. */
export default function JobsPage() {
  const { t } = useTranslation(['events', 'common']);
  const filter = jobsRoute.useSearch();
  const setSearch = jobsRoute.useSetSearch();
  const pages = useInfiniteQuery(jobsQuery(filter));
  const rows = pages.data?.pages.flatMap((page) => page.data) ?? [];
  const counts = pages.data?.pages[0]?.meta.counts ?? [];
  const inState = (state: JobState): number => counts.filter((count) => count.state === state).reduce((sum, count) => sum + count.count, 0);
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
      <QueryState query={pages}>
        {() =>
          rows.length === 0 ? (
            <EmptyState icon={IconListCheck} title={t(filter.state || filter.name ? 'filter.nothing' : 'jobs.none')}>
              {t('jobs.noneHint')}
            </EmptyState>
          ) : (
            <div>
              <TableScroll label={t('jobs.title')}>
                <Table>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('jobs.name')}</Table.Th>
                      <Table.Th>{t('jobs.state')}</Table.Th>
                      <Table.Th>{t('jobs.due')}</Table.Th>
                      <Table.Th>{t('jobs.ended')}</Table.Th>
                      <Table.Th>{t('actions')}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {rows.map((job) => (
                      <Row key={job.id} job={job} />
                    ))}
                  </Table.Tbody>
                </Table>
              </TableScroll>
              <MoreRows pages={pages} count={rows.length} />
            </div>
          )
        }
      </QueryState>
    </Stack>
  );
}

function Row({ job }: { job: Job }) {
  const { t } = useTranslation(['events', 'common']);
  const queries = useQueryClient();
  const manage = useMay('jobs.manage');
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
    <Table.Tr>
      <Table.Td>
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
        {error && <ErrorMessage error={error} />}
      </Table.Td>
      <Table.Td>
        <StateBadge tone={TONES[job.state]}>{t(`jobs.${job.state}`)}</StateBadge>
        <Text size="xs" c="dimmed">
          {t('deliveries.attempts', { count: job.attempt })}
        </Text>
      </Table.Td>
      <Table.Td>
        <RelativeTime at={job.due} />
      </Table.Td>
      <Table.Td>{job.endedAt && <RelativeTime at={job.endedAt} />}</Table.Td>
      <Table.Td>
        {manage && (job.state === 'dead' || job.state === 'cancelled') && (
          <Button size="compact-sm" variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
            {t('common:retry')}
          </Button>
        )}
        {manage && job.state === 'waiting' && (
          <Button size="compact-sm" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('common:cancel')}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
