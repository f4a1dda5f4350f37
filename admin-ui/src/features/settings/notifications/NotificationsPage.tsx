import { Button, Select, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import {
  type NotificationChanges,
  type NotificationPreferences,
  notificationPreferencesQuery,
  saveNotificationPreferences,
} from '@/api/notificationPreferences';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { LOCAL_ZONE } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { problemAt } from '../parts/problems';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { StackedTable } from '../parts/StackedTable';
import { KindRow } from './KindRow';

/** Of what somebody is told, where and when. Each choice is kept as it is made. */
export default function NotificationsPage() {
  const { t } = useTranslation(['settings', 'common']);
  const queries = useQueryClient();
  const preferences = useQuery(notificationPreferencesQuery);
  const save = useMutation({
    // One after the other: each answer is the whole.
    scope: { id: 'notification-preferences' },
    mutationFn: (changes: NotificationChanges) => saveNotificationPreferences(changes),
    onSuccess: (saved) => queries.setQueryData(notificationPreferencesQuery.queryKey, saved),
  });
  const zoneProblem = problemAt(save.error, 'zone');
  return (
    <Stack gap="md" maw={760}>
      <PageTitle title={t('settings:notifications.title')}>
        <Text size="sm" c="dimmed">
          {t('settings:notifications.lead')}
        </Text>
      </PageTitle>
      {save.error && !zoneProblem && <ErrorMessage error={save.error} />}
      <QueryState query={preferences}>
        {(found) => (
          <>
            <Section title={t('settings:notifications.kinds')} lead={t('settings:notifications.kindsLead')}>
              <StackedTable label={t('settings:notifications.kinds')}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('settings:notifications.kind')}</Table.Th>
                    {found.channels.map(({ channel }) => (
                      <Table.Th key={channel}>{t(`settings:notifications.${channel}`)}</Table.Th>
                    ))}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {found.kinds.map((row) => (
                    <KindRow
                      key={row.kind}
                      row={row}
                      channels={found.channels}
                      onChange={(channel, level) =>
                        save.mutate({
                          kinds: { [row.kind]: { [channel]: level === row.defaults[channel] ? null : level } },
                        })
                      }
                    />
                  ))}
                </Table.Tbody>
              </StackedTable>
              <Button
                variant="default"
                mt="sm"
                disabled={!found.kinds.some(isChanged)}
                onClick={() => save.mutate({ kinds: defaultsOf(found) })}
              >
                {t('settings:notifications.restore')}
              </Button>
            </Section>
            <Section title={t('settings:notifications.when')}>
              <Stack gap="sm">
                <Select
                  label={t('settings:notifications.zone')}
                  description={t('settings:notifications.zoneHint', { zone: found.defaultZone })}
                  data={Intl.supportedValuesOf('timeZone')}
                  value={found.zone}
                  onChange={(zone) => save.mutate({ zone })}
                  error={zoneProblem}
                  placeholder={found.defaultZone}
                  searchable
                  clearable
                  clearButtonProps={{ 'aria-label': t('settings:form.clear') }}
                  maw={360}
                  limit={50}
                />
                <Button
                  variant="default"
                  style={{ alignSelf: 'flex-start' }}
                  onClick={() => save.mutate({ zone: LOCAL_ZONE })}
                >
                  {t('settings:notifications.mine', { zone: LOCAL_ZONE })}
                </Button>
              </Stack>
            </Section>
            <Text size="sm" role="status">
              {save.isSuccess && t('common:saved')}
            </Text>
          </>
        )}
      </QueryState>
    </Stack>
  );
}

type KindPreferences = NotificationPreferences['kinds'][number];

function isChanged({ levels, defaults }: KindPreferences): boolean {
  return Object.entries(levels).some(([channel, level]) => level !== defaults[channel]);
}

/** What is sent to have the default again, for each kind that differs from it. */
function defaultsOf({ kinds }: NotificationPreferences): NotificationChanges['kinds'] {
  return Object.fromEntries(
    kinds
      .filter(isChanged)
      .map(({ kind, levels }) => [kind, Object.fromEntries(Object.keys(levels).map((channel) => [channel, null]))]),
  );
}
