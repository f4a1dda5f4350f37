import { Anchor, Button, SegmentedControl, Skeleton, Stack, Table, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { readReport, type Report } from '@/api/assetRights';
import { useSession } from '@/api/session';
import { entryTarget } from '@/features/content-manager';
import { TextLink } from '@/features/settings';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDate } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { hasPermission } from '@/app/permissions';
import { POLICY_PERMISSIONS } from './rights/permissions';
import { RightsBadge } from './RightsBadge';
import { expiringAddress, libraryAddress, policyAddress } from './addresses';

const REPORTS: readonly Report[] = ['expiring', 'withdrawn', 'unknown'];

/** Files that may soon not be shown any more, or may not now, and the entries that use them. */
export default function ExpiringPage() {
  const { t } = useTranslation('media');
  const { report = 'expiring' } = expiringAddress.useSearch();
  const setSearch = expiringAddress.useSetSearch();
  const { permissions } = useSession();
  const pages = useInfiniteQuery({
    queryKey: ['assets', 'report', report],
    queryFn: ({ pageParam, signal }) => readReport(report, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.after ?? undefined,
  });
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <>
      <PageTitle title={t('expiring.title')}>
        <Text size="sm" c="dimmed">
          {t('expiring.lead')}{' '}
          {hasPermission(permissions, POLICY_PERMISSIONS) && (
            <TextLink inText {...policyAddress.to({})}>
              {t('policy.title')}
            </TextLink>
          )}
        </Text>
      </PageTitle>
      <Stack gap="md">
        <SegmentedControl
          aria-label={t('expiring.which')}
          value={report}
          onChange={(value) => setSearch({ report: value as Report })}
          data={REPORTS.map((value) => ({ value, label: t(`expiring.${value}`) }))}
          style={{ alignSelf: 'start', maxWidth: '100%', overflowX: 'auto' }}
        />
        {pages.error && <ErrorMessage error={pages.error} retry={() => void pages.refetch()} />}
        {pages.isPending && (
          <DelayedContent>
            <Skeleton h={160} />
          </DelayedContent>
        )}
        {pages.isSuccess && rows.length === 0 && (
          <EmptyState icon={IconCircleCheck} title={t('expiring.none')}>
            {t(`expiring.noneHint.${report}`)}
          </EmptyState>
        )}
        {rows.length > 0 && (
          <Table.ScrollContainer minWidth={560}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('file')}</Table.Th>
                  <Table.Th>{t('rights.title')}</Table.Th>
                  <Table.Th>{t('expiring.ends')}</Table.Th>
                  <Table.Th>{t('usages.title')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((row) => (
                  <Table.Tr key={row.documentId}>
                    <Table.Td>
                      <Anchor
                        size="sm"
                        renderRoot={(props) => <Link {...libraryAddress.to({}, { file: row.documentId })} {...props} />}
                      >
                        {row.name ?? row.documentId}
                      </Anchor>
                    </Table.Td>
                    <Table.Td>
                      <RightsBadge status={row.status} />
                    </Table.Td>
                    <Table.Td>{row.endsAt ? formatDate(row.endsAt) : '–'}</Table.Td>
                    <Table.Td>
                      {row.entries.slice(0, 3).map((entry) => (
                        <div key={`${entry.contentType} ${entry.documentId} ${entry.locale}`}>
                          <Anchor
                            size="sm"
                            renderRoot={(props) => (
                              <Link
                                {...entryTarget(entry.contentType, entry.documentId, entry.locale ?? undefined)}
                                {...props}
                              />
                            )}
                          >
                            {entry.contentType.split('.').at(-1)} · {entry.documentId}
                          </Anchor>
                        </div>
                      ))}
                      {row.entriesTotal > 3 && t('expiring.more', { count: row.entriesTotal - 3 })}
                      {row.entriesTotal === 0 && t('usages.none')}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {pages.hasNextPage && (
          <Button
            variant="default"
            loading={pages.isFetchingNextPage}
            onClick={() => void pages.fetchNextPage()}
            style={{ alignSelf: 'start' }}
          >
            {t('more')}
          </Button>
        )}
      </Stack>
    </>
  );
}
