import { Alert, Stack, Table, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Erasure, erasureQuery, type RetainedRecord, retainedQuery } from '@/api/personalData';
import { formatDate, formatNumber } from '@/ui/format';
import { PagedTable } from '../parts/PagedTable';
import { QueryState } from '../parts/QueryState';
import { StackedCell, StackedTable } from '../parts/StackedTable';
import { SourceBadge } from './SourceBadge';

const COLORS = { running: 'blue', incomplete: 'yellow', done: 'green' } as const;

/** How far an erasure is at each source; once it has ended, what stayed and why. */
export function ErasureProgress({ id }: { id: number }) {
  const erasure = useQuery(erasureQuery(id));
  return (
    <QueryState query={erasure}>
      {(found) => (
        <Stack gap="md">
          <ErasureState erasure={found} />
          <SourceTable erasure={found} />
          {found.state !== 'running' && <RetainedTable key={`${found.id} ${found.retained}`} erasure={found.id} />}
        </Stack>
      )}
    </QueryState>
  );
}

function ErasureState({ erasure }: { erasure: Erasure }) {
  const { t } = useTranslation('personal');
  const state = erasure.state as keyof typeof COLORS;
  return (
    <Alert color={COLORS[state]} variant="light" role="status">
      <Text size="sm" c="var(--mantine-color-text)">
        {t(`erasureState.${state}`)}
      </Text>
    </Alert>
  );
}

function SourceTable({ erasure }: { erasure: Erasure }) {
  const { t } = useTranslation('personal');
  return (
    <StackedTable label={t('erasedBySource')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('source')}</Table.Th>
          <Table.Th ta="end">{t('erased')}</Table.Th>
          <Table.Th>{t('state')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {erasure.sources.map((source) => (
          <Table.Tr key={source.source}>
            <Table.Th scope="row">{source.name}</Table.Th>
            <StackedCell label={t('erased')} end>
              {formatNumber(source.erased)}
            </StackedCell>
            <StackedCell label={t('state')}>
              <SourceBadge state={source.state} done={t('sourceState.done')} problem={source.problem} />
            </StackedCell>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </StackedTable>
  );
}

function RetainedTable({ erasure }: { erasure: number }) {
  const { t } = useTranslation('personal');
  const pages = useInfiniteQuery(retainedQuery(erasure));
  return (
    <div>
      <Title order={3} mb="xs">
        {t('stays')}
      </Title>
      <PagedTable
        pages={pages}
        label={t('stays')}
        keyOf={(record: RetainedRecord) => record.n}
        columns={[
          { label: t('what'), render: (record) => `${record.kind}: ${record.title}`, breaks: true },
          { label: t('source'), render: (record) => record.name },
          { label: t('why'), render: (record) => record.reason },
          { label: t('until'), render: (record) => (record.until ? formatDate(record.until) : t('unknownEnd')) },
        ]}
        empty={<Text size="sm">{t('nothingStays')}</Text>}
      />
    </div>
  );
}
