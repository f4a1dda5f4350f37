import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconMailCheck } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clearSuppression, suppressAddress, suppressionsQuery, type Suppression } from '@/api/mail';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { PagedTable } from '../parts/PagedTable';
import { problemAt } from '../parts/problems';
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
    mutationFn: () => suppressAddress(address.trim()),
    onSuccess: async () => {
      setAddress('');
      await changed();
    },
  });
  const clear = useMutation({
    mutationFn: (row: Suppression) => clearSuppression(row.address),
    onSuccess: async (_, row) => {
      undo(t('mail.cleared', { address: row.address }), async () => {
        await suppressAddress(row.address, row.detail ?? undefined);
        await changed();
      });
      await changed();
    },
  });
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
          <TextInput
            type="email"
            label={t('mail.suppressAddress')}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            error={problem}
            w={{ base: '100%', xs: 320 }}
          />
          <Button type="submit" variant="default" loading={add.isPending} mt={22}>
            {t('mail.suppress')}
          </Button>
        </Group>
      </form>
      {add.error && !problem && <ErrorMessage error={add.error} />}
      {clear.error && <ErrorMessage error={clear.error} />}
      <PagedTable
        pages={pages}
        label={t('mail.suppressed')}
        keyOf={(row) => row.address}
        columns={[
          { label: t('mail.to'), breaks: true, render: (row) => row.address },
          {
            label: t('mail.why'),
            render: (row) => (
              <>
                {t(`mail.reason.${row.reason}`, { defaultValue: row.reason })}
                {row.detail && (
                  <Text size="xs" c="dimmed">
                    {row.detail}
                  </Text>
                )}
              </>
            ),
          },
          { label: t('mail.when'), render: (row) => <RelativeTime at={row.at} /> },
          {
            label: t('mail.actions'),
            render: (row) => (
              <Button
                size="compact-sm"
                variant="default"
                disabled={clear.isPending}
                onClick={() => clear.mutate(row)}
                aria-label={t('mail.clearOne', { address: row.address })}
              >
                {t('mail.clear')}
              </Button>
            ),
          },
        ]}
        empty={
          <EmptyState icon={IconMailCheck} title={t('mail.noneSuppressed')}>
            {t('mail.noneSuppressedHint')}
          </EmptyState>
        }
      />
    </Stack>
  );
}
