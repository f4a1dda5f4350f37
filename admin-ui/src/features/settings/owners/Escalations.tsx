import { Stack, Table, Text } from '@mantine/core';
import { IconMoodSmile } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Escalation, escalationsQuery, ownersQuery } from '@/api/owners';
import { EmptyState } from '@/ui/EmptyState';
import { formatList } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { MoreRows } from '../parts/MoreRows';
import { QueryState } from '../parts/QueryState';
import { TableScroll } from '../parts/TableScroll';
import { TextLink } from '../parts/TextLink';
import { useNames } from './useNames';

/** What waited too long, why, and who was told. */
export function Escalations() {
  const { t } = useTranslation('owners');
  const escalations = useInfiniteQuery(escalationsQuery());
  const owners = useQuery(ownersQuery);
  const names = useNames();
  const ruled = owners.data?.some((owner) => owner.escalation);
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t('escalated.lead')}
      </Text>
      <QueryState query={escalations}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.data);
          if (rows.length === 0) {
            return (
              <EmptyState icon={IconMoodSmile} title={t('escalated.none')}>
                {t(ruled === false ? 'escalated.noRules' : 'escalated.noneHint')}
              </EmptyState>
            );
          }
          return (
            <>
              <TableScroll label={t('tab.escalated')}>
                <Table>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('escalated.document')}</Table.Th>
                      <Table.Th>{t('escalated.why')}</Table.Th>
                      <Table.Th>{t('escalated.since')}</Table.Th>
                      <Table.Th>{t('escalated.to')}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {rows.map((row) => (
                      <Table.Tr key={row.id}>
                        <Table.Td>
                          <EscalationSubject row={row} />
                        </Table.Td>
                        <Table.Td>
                          <EscalationCause row={row} />
                        </Table.Td>
                        <Table.Td>
                          <RelativeTime at={row.since} />
                        </Table.Td>
                        <Table.Td>{formatList(row.to.map(names.person))}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </TableScroll>
              <MoreRows pages={escalations} count={rows.length} />
            </>
          );
        }}
      </QueryState>
    </Stack>
  );
}

function EscalationSubject({ row: { title, contentType, documentId, locale } }: { row: Escalation }) {
  const { t } = useTranslation('owners');
  const called = title ?? t('escalated.untitled');
  if (!contentType || !documentId) return <Text size="sm">{called}</Text>;
  return (
    <TextLink
      to="/content/$uid/$documentId"
      params={{ uid: contentType, documentId }}
      search={locale ? { locale } : {}}
    >
      {called}
    </TextLink>
  );
}

/** By what the server calls the cause: its sentence is in one language. */
function EscalationCause({ row: { cause, stage } }: { row: Escalation }) {
  const { t } = useTranslation('owners');
  if (cause.startsWith('slot')) return t('escalated.slot');
  return cause.includes(':unreviewed:') ? t('escalated.waits', { stage }) : t('escalated.overdue');
}
