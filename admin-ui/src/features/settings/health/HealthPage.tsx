import { Button, Group, Stack, Text } from '@mantine/core';
import { IconHeartbeat, IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Health, HEALTH_REFRESH_MS, healthQuery } from '@/api/health';
import { isAbsent } from '@/api/routeExists';
import { EmptyState } from '@/ui/EmptyState';
import { formatBytes, formatNumber, formatTime } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { DescriptionList } from '../parts/DescriptionList';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { CheckLines } from './CheckLines';
import { failingChecks, sortBySeverity } from './checks';

/** How the server does: what needs a look first, then its parts. Read again by itself while somebody looks. */
export default function HealthPage() {
  const { t } = useTranslation('health');
  const [paused, setPaused] = useState(false);
  const health = useQuery({
    ...healthQuery,
    refetchInterval: (query) => !paused && !isAbsent(query.state.error) && HEALTH_REFRESH_MS,
  });
  const absent = isAbsent(health.error);
  return (
    <Stack gap="md" maw={860}>
      <PageTitle
        title={t('title')}
        actions={
          !absent && (
            <Group gap="xs">
              <Text size="sm" c="dimmed">
                {health.data && t(paused ? 'pausedAt' : 'asOf', { time: formatTime(health.dataUpdatedAt) })}
              </Text>
              <Button
                variant="default"
                size="compact-sm"
                leftSection={
                  paused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />
                }
                onClick={() => setPaused(!paused)}
              >
                {t(paused ? 'resume' : 'pause')}
              </Button>
              <Button
                variant="default"
                size="compact-sm"
                leftSection={<IconRefresh size={14} aria-hidden />}
                loading={health.isFetching}
                onClick={() => void health.refetch()}
              >
                {t('refresh')}
              </Button>
            </Group>
          )
        }
      >
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      {absent ? (
        <EmptyState icon={IconHeartbeat} title={t('absent')}>
          {t('absentHint')}
        </EmptyState>
      ) : (
        <QueryState query={health}>{(found) => <HealthSections health={found} />}</QueryState>
      )}
    </Stack>
  );
}

/** Nothing where it is not known, so that the fact is left out. */
const formatBytesOrNothing = (size: number | null): ReactNode => (size === null ? null : formatBytes(size));
const formatNumberOrNothing = (value: number | null): ReactNode => (value === null ? null : formatNumber(value));

function HealthSections({ health }: { health: Health }) {
  const { t } = useTranslation('health');
  const { database, storage, mail, jobs, webhooks, events } = health;
  const open = failingChecks(health.checks);
  return (
    <>
      <Section title={open.length === 0 ? t('well') : t('attention', { count: open.length })}>
        <CheckLines checks={sortBySeverity(health.checks)} label={t('checks')} />
      </Section>
      <Section title={t('server')}>
        <DescriptionList
          facts={[
            [t('version'), health.version],
            [t('pluginRuntime'), health.pluginRuntime],
            [t('startedAt'), <RelativeTime key="at" at={health.startedAt} />],
            [t('memory'), formatBytesOrNothing(health.memoryBytes)],
          ]}
        />
      </Section>
      <Section title={t('database')}>
        <DescriptionList
          facts={[
            [t('kind'), t(`databases.${database.kind}`, { defaultValue: database.kind })],
            [
              t('answers'),
              t('milliseconds', { value: formatNumber(database.answersMs, { maximumFractionDigits: 1 }) }),
            ],
            [t('size'), formatBytesOrNothing(database.sizeBytes)],
          ]}
        />
      </Section>
      <Section title={t('files')}>
        <DescriptionList
          facts={[
            [t('kind'), t(`storages.${storage.kind}`, { defaultValue: storage.kind })],
            [
              t('free'),
              storage.freeBytes === null
                ? null
                : storage.totalBytes === null
                  ? formatBytesOrNothing(storage.freeBytes)
                  : t('freeOf', { free: formatBytes(storage.freeBytes), total: formatBytes(storage.totalBytes) }),
            ],
          ]}
        />
      </Section>
      <Section title={t('work')}>
        <DescriptionList
          facts={[
            [
              t('mail'),
              mail.configured
                ? t('mailFacts', { waiting: formatNumber(mail.waiting), failed: formatNumber(mail.failed) })
                : t('mailUnset'),
            ],
            [
              t('jobs'),
              t('jobFacts', {
                waiting: formatNumber(jobs.waiting),
                running: formatNumber(jobs.running),
                failed: formatNumber(jobs.failed),
              }),
            ],
            [
              t('webhooks'),
              t('webhookFacts', {
                enabled: formatNumber(webhooks.enabled),
                disabled: formatNumber(webhooks.disabled),
                failing: formatNumber(webhooks.failing),
              }),
            ],
            [t('deadLetters'), formatNumberOrNothing(events.deadLetters)],
            [t('behind'), formatNumberOrNothing(events.furthestBehind)],
            [t('paused'), events.paused > 0 ? formatNumberOrNothing(events.paused) : null],
          ]}
        />
      </Section>
    </>
  );
}
