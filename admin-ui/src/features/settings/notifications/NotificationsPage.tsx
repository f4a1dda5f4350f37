import { Button, Select, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import {
  type NotificationLevel,
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
import { TableScroll } from '../parts/TableScroll';

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
              <TableScroll label={t('settings:notifications.kinds')}>
                <Table>
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
                      <NotificationKindRow
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
                </Table>
              </TableScroll>
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

interface KindProps {
  row: NotificationPreferences['kinds'][number];
  channels: NotificationPreferences['channels'];
  onChange: (channel: string, level: NotificationLevel) => void;
}

function NotificationKindRow({ row, channels, onChange }: KindProps) {
  const { t } = useTranslation('settings');
  const name = t(`mail.templateNames.${row.kind}`, { defaultValue: row.kind });
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {name}
      </Table.Th>
      {channels.map(({ channel, levels }) => (
        <Table.Td key={channel}>
          <Select
            aria-label={`${name}: ${t(`notifications.${channel}`)}`}
            data={levels.map((level) => ({
              value: level,
              label:
                level === row.defaults[channel]
                  ? t('notifications.isDefault', { level: t(`notifications.${level}`) })
                  : t(`notifications.${level}`),
            }))}
            value={row.levels[channel]}
            onChange={(level) => level && onChange(channel, level as NotificationLevel)}
            allowDeselect={false}
            miw={160}
          />
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
