import { Alert, Button, Code, Drawer, Group, Stack, Table, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type AuditEntry, auditQuery, loadDifferences, verifyAudit } from '@/api/audit';
import { entryTarget } from '@/features/content-manager';
import {
  DescriptionList,
  JsonBlock,
  PagedTable,
  QueryState,
  TableScroll,
  TextLink,
  useContentTypes,
} from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime, formatNumber } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { EventSubject } from './EventSubject';
import { ActorName } from './ActorName';
import { toChangeLines } from './changes';
import { FilterForm } from './FilterForm';
import { auditAddress } from './addresses';

/** Who did what, when and where, in lines that cannot be changed unnoticed. */
export default function AuditPage() {
  const { t } = useTranslation(['events', 'common']);
  const { entry: open, ...filter } = auditAddress.useSearch();
  const setSearch = auditAddress.useSetSearch();
  const pages = useInfiniteQuery(auditQuery(filter));
  const { nameOf } = useContentTypes();
  const rows = pages.data?.pages.flatMap((page) => page.data) ?? [];
  const opened = rows.find((row) => row.n === open);
  const filtered = Object.values(filter).some(Boolean);
  return (
    <Stack gap="md">
      <PageTitle title={t('audit.title')}>
        <Text size="sm" c="dimmed">
          {t('audit.lead')}
        </Text>
      </PageTitle>
      <LogIntegrity />
      <FilterForm
        filter={filter}
        fields={[
          { name: 'action', label: t('audit.action'), placeholder: 'document.*' },
          { name: 'actor', label: t('audit.actor'), placeholder: 'admin:3' },
          { name: 'documentId', label: t('document') },
        ]}
        onChange={(next) =>
          setSearch(
            {
              action: undefined,
              actor: undefined,
              contentType: undefined,
              documentId: undefined,
              from: undefined,
              to: undefined,
              batch: undefined,
              ...next,
              entry: undefined,
            },
            { replace: false },
          )
        }
      />
      <PagedTable
        pages={pages}
        label={t('audit.title')}
        keyOf={(row) => row.n}
        columns={[
          { label: t('when'), render: (row) => <RelativeTime at={row.at} /> },
          { label: t('who'), render: (row) => <ActorName actor={row.actor} /> },
          {
            label: t('audit.action'),
            render: (row) =>
              row.batch && row.batch.entries > 1 ? (
                <BatchSummary batch={row.batch} to={auditAddress.to({}, { ...filter, batch: row.actor.batch })} />
              ) : (
                <TextLink {...auditAddress.to({}, { ...filter, entry: row.n })}>{row.action}</TextLink>
              ),
          },
          {
            label: t('about'),
            render: (row) => <EventSubject {...row} name={row.contentType && nameOf(row.contentType)} />,
          },
        ]}
        empty={
          <EmptyState icon={IconShieldCheck} title={t(filtered ? 'filter.nothing' : 'audit.none')}>
            {t(filtered ? 'filter.nothingHint' : 'audit.noneHint')}
          </EmptyState>
        }
      />
      <Drawer
        opened={opened !== undefined}
        onClose={() => setSearch({ entry: undefined })}
        size="lg"
        title={opened?.action}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {opened && <AuditEntryDetails entry={opened} />}
      </Drawer>
    </Stack>
  );
}

/** What was done in one go, in one line that opens. */
function BatchSummary({
  batch,
  to,
}: {
  batch: NonNullable<AuditEntry['batch']>;
  to: ReturnType<typeof auditAddress.to>;
}) {
  const { t } = useTranslation('events');
  return (
    <>
      <TextLink {...to}>{t('audit.together', { count: batch.entries, number: formatNumber(batch.entries) })}</TextLink>
      {batch.actions.map(({ action, entries }) => (
        <Text key={action} size="xs" c="dimmed">
          {formatNumber(entries)} × {action}
        </Text>
      ))}
    </>
  );
}

/** Computes every hash anew. */
function LogIntegrity() {
  const { t } = useTranslation('events');
  const check = useMutation({ mutationFn: verifyAudit });
  return (
    <Stack gap="xs" align="flex-start">
      <Button
        variant="default"
        leftSection={<IconShieldCheck size={16} aria-hidden />}
        loading={check.isPending}
        onClick={() => check.mutate()}
      >
        {t('audit.verify')}
      </Button>
      {check.error && <ErrorMessage error={check.error} />}
      {check.data &&
        (check.data.whole ? (
          <Alert role="status" color="green" title={t('audit.whole')}>
            <Text size="sm">
              {t('audit.wholeText', { count: check.data.entries, number: formatNumber(check.data.entries) })}
            </Text>
            {check.data.head && (
              <Code style={{ overflowWrap: 'anywhere' }}>{`${check.data.entries}:${check.data.head}`}</Code>
            )}
          </Alert>
        ) : (
          <Alert role="alert" color="red" title={t('audit.broken')}>
            {t('audit.brokenText', { number: check.data.firstBroken, problem: check.data.problem })}
          </Alert>
        ))}
    </Stack>
  );
}

function AuditEntryDetails({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation('events');
  const { nameOf } = useContentTypes();
  const { contentType, documentId } = entry;
  return (
    <Stack gap="md">
      <DescriptionList
        facts={[
          [t('when'), formatDateTime(entry.at)],
          [t('who'), <ActorName key="who" actor={entry.actor} />],
          [t('address'), entry.actor.ip],
          [t('request'), entry.actor.request],
          [t('filter.contentType'), contentType && nameOf(contentType)],
          [
            t('document'),
            contentType && documentId && (
              <TextLink key="document" {...entryTarget(contentType, documentId, entry.locale)}>
                {documentId}
              </TextLink>
            ),
          ],
          [t('locale'), entry.locale],
          [t('audit.number'), formatNumber(entry.n)],
          [t('audit.hash'), <Code key="hash">{entry.hash}</Code>],
        ]}
      />
      {contentType && documentId && (
        <Group gap="sm">
          <TextLink {...auditAddress.to({}, { contentType, documentId })}>{t('audit.allOfDocument')}</TextLink>
        </Group>
      )}
      <Differences entry={entry} />
      {entry.details && <JsonBlock value={entry.details} label={t('audit.details')} />}
    </Stack>
  );
}

/** What a save changed, before and after. */
function Differences({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation('events');
  const version = typeof entry.details?.version === 'number' ? entry.details.version : undefined;
  const { contentType, documentId, locale } = entry;
  const saved =
    contentType && documentId && version !== undefined && version > 1
      ? { contentType, documentId, locale, version }
      : undefined;
  const differences = useQuery({
    queryKey: ['audit', 'differences', entry.n],
    queryFn: ({ signal }) => (saved ? loadDifferences(saved, signal) : []),
    enabled: saved !== undefined,
  });
  if (!saved) return null;
  return (
    <QueryState query={differences}>
      {(all) =>
        all.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('audit.noDifferences')}
          </Text>
        ) : (
          <TableScroll label={t('audit.differences')}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('audit.attribute')}</Table.Th>
                  <Table.Th>{t('audit.before')}</Table.Th>
                  <Table.Th>{t('audit.after')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {toChangeLines(all).map((one, at) => (
                  // Two lines may be about one place: what went, and what came.
                  // oxlint-disable-next-line react/no-array-index-key
                  <Table.Tr key={at}>
                    <Table.Td>{one.at}</Table.Td>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>{valueText(one.before)}</Table.Td>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>{valueText(one.after)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
        )
      }
    </QueryState>
  );
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
