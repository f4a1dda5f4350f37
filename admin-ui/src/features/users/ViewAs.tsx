import { Select, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { entriesAs, modelAs } from '@/api/viewAs';
import { useSession } from '@/api/session';
import { QueryState, Section, StateBadge, TableScroll } from '@/features/settings';

/** What somebody with a role sees, asked of the server as if one had only that role. */
export function ViewAs({ code }: { code: string }) {
  const { t } = useTranslation('users');
  const { permissions } = useSession();
  const [uid, setUid] = useState<string | null>(null);
  const model = useQuery({
    queryKey: ['view-as', code, 'model'],
    queryFn: ({ signal }) => modelAs(code, signal),
    enabled: permissions.isSuper,
  });
  const entries = useQuery({
    queryKey: ['view-as', code, 'entries', uid],
    queryFn: ({ signal }) => entriesAs(code, uid ?? '', signal),
    enabled: permissions.isSuper && uid !== null,
  });
  if (!permissions.isSuper) return null;
  return (
    <Section title={t('viewAs.title')} lead={t('viewAs.lead')}>
      <QueryState query={model}>
        {({ contentTypes }) => {
          const type = contentTypes.find((one) => one.uid === uid);
          return (
            <Stack gap="md">
              <TableScroll label={t('viewAs.title')}>
                <Table>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('matrix.type')}</Table.Th>
                      {(['find', 'create', 'update', 'delete', 'publish'] as const).map((action) => (
                        <Table.Th key={action}>{t(`action.${action}`)}</Table.Th>
                      ))}
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {contentTypes.map((one) => (
                      <Table.Tr key={one.uid}>
                        <Table.Th scope="row">{one.info.displayName}</Table.Th>
                        {(['find', 'create', 'update', 'delete', 'publish'] as const).map((action) => (
                          <Table.Td key={action}>
                            <StateBadge tone={one.can[action] ? 'good' : 'off'}>
                              {t(one.can[action] ? 'viewAs.yes' : 'viewAs.no')}
                            </StateBadge>
                          </Table.Td>
                        ))}
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </TableScroll>
              {contentTypes.length === 0 && <Text size="sm">{t('viewAs.nothing')}</Text>}
              <Select
                label={t('viewAs.entriesOf')}
                data={contentTypes
                  .filter((one) => one.can.find && one.kind === 'collectionType')
                  .map((one) => ({ value: one.uid, label: one.info.displayName }))}
                value={uid}
                onChange={setUid}
                maw={320}
                clearable
                clearButtonProps={{ 'aria-label': t('viewAs.close') }}
              />
              {type && (
                <QueryState query={entries}>
                  {(page) => (
                    <Stack gap={4}>
                      <Text size="sm" role="status">
                        {t('viewAs.count', { count: page.total })}
                      </Text>
                      <ul style={{ margin: 0 }}>
                        {page.entries.map((entry) => (
                          <li key={String(entry.documentId)}>
                            <Text size="sm" span>
                              {String((type.titleField && entry[type.titleField]) ?? entry.documentId)}
                            </Text>
                          </li>
                        ))}
                      </ul>
                      {page.entries[0] && (
                        <Text size="sm" c="dimmed">
                          {t('viewAs.fields', { fields: Object.keys(page.entries[0]).join(', ') })}
                        </Text>
                      )}
                    </Stack>
                  )}
                </QueryState>
              )}
            </Stack>
          );
        }}
      </QueryState>
    </Section>
  );
}
