import { Button, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconMailCheck } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clearSuppression, suppress, suppressionsQuery, type Suppression } from '@/api/mail';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { MoreRows } from '../parts/MoreRows';
import { problemAt } from '../parts/problems';
import { QueryState } from '../parts/QueryState';
import { TableScroll } from '../parts/TableScroll';
import { useUndo } from '../parts/useUndo';

/** Addresses that get no mail, and the way back. */
export function Suppressions() {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const pages = useInfiniteQuery(suppressionsQuery());
  const undo = useUndo();
  const [address, setAddress] = useState('');
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['mail', 'suppressions'] });
  const add = useMutation({
    mutationFn: () => suppress(address.trim()),
    onSuccess: async () => {
      setAddress('');
      await changed();
    },
  });
  const clear = useMutation({
    mutationFn: (row: Suppression) => clearSuppression(row.address),
    onSuccess: async (_, row) => {
      undo(t('mail.cleared', { address: row.address }), async () => {
        await suppress(row.address, row.detail ?? undefined);
        await changed();
      });
      await changed();
    },
  });
  const rows = pages.data?.pages.flatMap((page) => page.data) ?? [];
  const problem = problemAt(add.error, 'address');
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed" maw={640}>
        {t('mail.suppressedLead')}
      </Text>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Group align="flex-start">
          <TextInput type="email" label={t('mail.suppressAddress')} value={address} onChange={(event) => setAddress(event.currentTarget.value)} error={problem} w={{ base: '100%', xs: 320 }} />
          <Button type="submit" variant="default" loading={add.isPending} mt={22}>
            {t('mail.suppress')}
          </Button>
        </Group>
      </form>
      {add.error && !problem && <ErrorMessage error={add.error} />}
      {clear.error && <ErrorMessage error={clear.error} />}
      <QueryState query={pages}>
        {() =>
          rows.length === 0 ? (
            <EmptyState icon={IconMailCheck} title={t('mail.noneSuppressed')}>
              {t('mail.noneSuppressedHint')}
            </EmptyState>
          ) : (
            <div>
              <TableScroll label={t('mail.suppressed')}>
                <Table>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('mail.to')}</Table.Th>
                      <Table.Th>{t('mail.why')}</Table.Th>
                      <Table.Th>{t('mail.when')}</Table.Th>
                      <Table.Th>{t('mail.actions')}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {rows.map((row) => (
                      <Table.Tr key={row.address}>
                        <Table.Td style={{ overflowWrap: 'anywhere' }}>{row.address}</Table.Td>
                        <Table.Td>
                          {t(`mail.reason.${row.reason}`, { defaultValue: row.reason })}
                          {row.detail && (
                            <Text size="xs" c="dimmed">
                              {row.detail}
                            </Text>
                          )}
                        </Table.Td>
                        <Table.Td>
                          <RelativeTime at={row.at} />
                        </Table.Td>
                        <Table.Td>
                          <Button size="compact-sm" variant="default" disabled={clear.isPending} onClick={() => clear.mutate(row)} aria-label={t('mail.clearOne', { address: row.address })}>
                            {t('mail.clear')}
                          </Button>
                        </Table.Td>
                      </Table.Tr>
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
