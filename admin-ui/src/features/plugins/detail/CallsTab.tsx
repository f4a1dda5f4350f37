import { Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { IconMoodHappy } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type FailedCall, failedCallQuery, failedCallsQuery, deleteFailedCalls } from '@/api/plugins';
import {
  DescriptionList,
  JsonBlock,
  PagedTable,
  QueryState,
  StateBadge,
  TextLink,
  useHasPermission,
} from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';
import { RelativeTime } from '@/ui/RelativeTime';
import { pluginAddress } from '../addresses';
import { Replay } from './Replay';
import { formatMicros } from './times';

/** Calls that failed, with what they were given: to see why, and to try a mended version on them. */
export function CallsTab({ plugin }: { plugin: string }) {
  const { t } = useTranslation(['plugin', 'common']);
  const queries = useQueryClient();
  const manage = useHasPermission('plugins.manage');
  const { kind, call } = pluginAddress.useSearch();
  const setSearch = pluginAddress.useSetSearch();
  const [forgetting, setForgetting] = useState(false);
  const pages = useInfiniteQuery(failedCallsQuery(plugin, kind));
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['plugins'] });
  const forget = useMutation({
    mutationFn: () => deleteFailedCalls(plugin),
    onSuccess: async () => {
      setForgetting(false);
      announce(t('calls.forgotten'));
      await changed();
    },
  });
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          {t('calls.lead')}
        </Text>
        {manage && pages.data?.pages.some((page) => page.data.length > 0) && (
          <Button size="xs" variant="default" onClick={() => setForgetting(true)}>
            {t('calls.forgetAll')}
          </Button>
        )}
      </Group>
      {kind && (
        <Group gap="xs">
          <StateBadge tone="bad">{kind}</StateBadge>
          <Button size="compact-sm" variant="subtle" onClick={() => setSearch({ kind: undefined })}>
            {t('calls.allKinds')}
          </Button>
        </Group>
      )}
      <PagedTable
        pages={pages}
        label={t('tab.calls')}
        keyOf={(row) => row.id}
        columns={[
          { label: t('calls.when'), render: (row) => <RelativeTime at={row.at} /> },
          {
            label: t('calls.what'),
            render: (row) => (
              <TextLink {...pluginAddress.to({ plugin }, { tab: 'calls', kind, call: String(row.id) })}>
                {callName(row)}
              </TextLink>
            ),
          },
          {
            label: t('calls.kind'),
            render: (row) => (
              <TextLink {...pluginAddress.to({ plugin }, { tab: 'calls', kind: row.kind })}>{row.kind}</TextLink>
            ),
          },
          {
            label: t('calls.message'),
            render: (row) => (
              <Text size="sm" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
                {row.message}
              </Text>
            ),
          },
          { label: t('calls.took'), end: true, render: (row) => formatMicros(row.tookUs) },
        ]}
        empty={
          <EmptyState icon={IconMoodHappy} title={t('calls.none')}>
            {t('calls.noneHint')}
          </EmptyState>
        }
      />
      <Drawer
        opened={call !== undefined}
        onClose={() => setSearch({ call: undefined })}
        size="lg"
        position="right"
        title={t('calls.one')}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {call !== undefined && (
          <CallDetails
            plugin={plugin}
            call={call}
            manage={manage}
            onForgotten={async () => {
              setSearch({ call: undefined });
              announce(t('calls.forgotten'));
              await changed();
            }}
            // The one that is shown is gone by now: what became of it stays to be read.
            onWorked={() =>
              queries.invalidateQueries({
                queryKey: ['plugins'],
                predicate: ({ queryKey }) => !queryKey.includes('one'),
              })
            }
          />
        )}
      </Drawer>
      {forgetting && (
        <FormDialog
          title={t('calls.forgetAll')}
          onClose={() => setForgetting(false)}
          onSubmit={() => forget.mutate()}
          pending={forget.isPending}
          error={forget.error}
          submit={t('calls.forgetAll')}
          danger
        >
          <Text size="sm">{t('calls.forgetText')}</Text>
        </FormDialog>
      )}
    </Stack>
  );
}

function callName({ export: from, name }: FailedCall): string {
  return name ? `${from} · ${name}` : from;
}

function CallDetails({
  plugin,
  call,
  manage,
  onForgotten,
  onWorked,
}: {
  plugin: string;
  call: string;
  manage: boolean;
  onForgotten: () => Promise<void>;
  onWorked: () => Promise<void>;
}) {
  const { t } = useTranslation('plugin');
  const query = useQuery(failedCallQuery(plugin, call));
  const forget = useMutation({ mutationFn: () => deleteFailedCalls(plugin, call), onSuccess: onForgotten });
  return (
    <QueryState query={query}>
      {(found) => (
        <Stack gap="md">
          <DescriptionList
            facts={[
              [t('calls.what'), callName(found)],
              [t('calls.when'), formatDateTime(found.at)],
              [t('calls.kind'), found.kind],
              [t('calls.took'), formatMicros(found.tookUs)],
              [t('calls.attempt'), String(found.attempt)],
              [t('calls.id'), String(found.id)],
            ]}
          />
          <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
            {found.message}
          </Text>
          {found.backtrace && <JsonBlock value={found.backtrace} label={t('calls.backtrace')} />}
          <JsonBlock value={found.input} label={t('calls.input')} />
          {manage && <Replay plugin={plugin} call={found} onWorked={onWorked} />}
          {forget.error && <ErrorMessage error={forget.error} />}
          {manage && (
            <Group>
              <Button variant="default" loading={forget.isPending} onClick={() => forget.mutate()}>
                {t('calls.forget')}
              </Button>
            </Group>
          )}
        </Stack>
      )}
    </QueryState>
  );
}
