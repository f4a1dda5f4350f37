import { Progress, Stack, Table, Text } from '@mantine/core';
import { IconHeartbeat } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CallHealth, PluginDetail, Quota } from '@/api/plugins';
import { Section, StateBadge, TableScroll, type BadgeTone } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { formatBytes, formatNumber } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import classes from './HealthTab.module.css';
import { OwnHealth } from './OwnHealth';
import { formatMicros, scalePosition, scaleOf } from './times';

const CIRCUIT_TONES: Record<CallHealth['state'], BadgeTone> = { closed: 'good', open: 'bad', halfOpen: 'warning' };

/** From this part of a quota on its bar warns. */
const QUOTA_WARNING_SHARE = 0.8;

/** How a plugin does: how often it was called and failed, how long that took, what waits for it. */
export function HealthTab({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation('plugin');
  const { calls, memory, quotas } = plugin.health;
  const scale = scaleOf(calls.flatMap(({ p50Us, p99Us }) => [p50Us, p99Us]));
  return (
    <Stack gap="md">
      <OwnHealth plugin={plugin.id} />
      <Section title={t('health.calls')} lead={t('health.callsLead')}>
        {calls.length === 0 ? (
          <EmptyState icon={IconHeartbeat} title={t('health.none')} order={3}>
            {t('health.noneHint')}
          </EmptyState>
        ) : (
          <TableScroll label={t('health.calls')}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('health.what')}</Table.Th>
                  <Table.Th ta="end">{t('health.count')}</Table.Th>
                  <Table.Th ta="end">{t('health.failures')}</Table.Th>
                  <Table.Th>{t('health.time')}</Table.Th>
                  <Table.Th>{t('health.breaker')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {calls.map((call) => (
                  <Table.Tr key={`${call.export} ${call.name}`}>
                    <Table.Td>
                      {call.name || call.export}
                      {call.name && (
                        <Text size="xs" c="dimmed">
                          {call.export}
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td ta="end">{formatNumber(call.calls)}</Table.Td>
                    <Table.Td ta="end">
                      {formatNumber(call.failures)}
                      {call.failures > 0 && call.calls > 0 && (
                        <Text size="xs" c="dimmed">
                          {formatNumber(call.failures / call.calls, { style: 'percent', maximumFractionDigits: 1 })}
                        </Text>
                      )}
                      {call.busy > 0 && (
                        <Text size="xs" c="dimmed">
                          {t('health.busy', { number: formatNumber(call.busy) })}
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td>
                      <DurationRange call={call} scale={scale} />
                    </Table.Td>
                    <Table.Td>
                      <StateBadge tone={CIRCUIT_TONES[call.state]}>{t(`breaker.${call.state}`)}</StateBadge>
                      {call.until && call.state === 'open' && (
                        <Text size="xs" c="dimmed">
                          {t('health.until')} <RelativeTime at={call.until} />
                        </Text>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
        )}
        {memory && (
          <Text size="sm" c="dimmed">
            {t('health.memory', {
              used: formatBytes(memory.used),
              peak: formatBytes(memory.peak),
              limit: formatBytes(memory.limit),
            })}
          </Text>
        )}
      </Section>
      {quotas.length > 0 && (
        <Section title={t('health.quotas')} lead={t('health.quotasLead')}>
          <TableScroll label={t('health.quotas')}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('health.what')}</Table.Th>
                  <Table.Th>{t('health.used')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {quotas.map((quota) => (
                  <Table.Tr key={quota.name}>
                    <Table.Td>{t(`quota.${quota.name}`, { defaultValue: quota.name })}</Table.Td>
                    <Table.Td>
                      <QuotaBar quota={quota} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
        </Section>
      )}
      {plugin.subscriptions.length > 0 && (
        <Section title={t('health.waits')} lead={t('health.waitsLead')}>
          <TableScroll label={t('health.waits')}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('overview.name')}</Table.Th>
                  <Table.Th ta="end">{t('health.lag')}</Table.Th>
                  <Table.Th ta="end">{t('health.dead')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {plugin.subscriptions.map((one) => (
                  <Table.Tr key={one.name}>
                    <Table.Td>{one.name}</Table.Td>
                    <Table.Td ta="end">{one.lag === null ? t('health.unknown') : formatNumber(one.lag)}</Table.Td>
                    <Table.Td ta="end">{formatNumber(one.dead)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
        </Section>
      )}
    </Stack>
  );
}

/** How much of a quota is used up, as a bar; in words beside it. */
function QuotaBar({ quota: { used, allowed, bytes } }: { quota: Quota }) {
  const { t } = useTranslation('plugin');
  const show = bytes ? formatBytes : formatNumber;
  const part = allowed > 0 ? Math.min(1, used / allowed) : 1;
  const text = t('health.usedOf', { used: show(used), allowed: show(allowed) });
  return (
    <div className={classes.times}>
      <Progress
        value={part * 100}
        color={part >= 1 ? 'red' : part >= QUOTA_WARNING_SHARE ? 'yellow' : undefined}
        aria-label={text}
        size="sm"
        mb={4}
      />
      <Text size="xs" span>
        {text}
      </Text>
    </div>
  );
}

/** From the middle call to the slowest of a hundred, on one scale for all rows; in words beside it. */
function DurationRange({ call, scale }: { call: CallHealth; scale: readonly [number, number] }) {
  const { t } = useTranslation('plugin');
  if (call.p50Us === null) return <>{t('health.unknown')}</>;
  const last = call.p99Us ?? call.p50Us;
  const [from, to] = [scalePosition(call.p50Us, scale), scalePosition(last, scale)];
  return (
    <div className={classes.times}>
      <svg className={classes.plot} viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden>
        <rect className={classes.rail} width="100" height="10" rx="1" />
        <rect className={classes.span} x={from} width={Math.max(1, to - from)} y="3" height="4" />
        <rect className={classes.middle} x={Math.min(from, 98.5)} width="1.5" height="10" />
      </svg>
      <Text size="xs" span>
        {t('health.times', { p50: formatMicros(call.p50Us), p99: formatMicros(last) })}
      </Text>
    </div>
  );
}
