import { Alert, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconMoodHappy } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Consumer,
  consumersQuery,
  type Delivery,
  deliveriesQuery,
  retryDeliveries,
  setPaused,
} from '@/api/events';
import {
  DescriptionList,
  PagedTable,
  QueryState,
  Section,
  StateBadge,
  TextLink,
  useHasPermission,
} from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime, formatNumber } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { toneOf } from './consumerState';
import { DiscardDialog } from './DiscardDialog';
import { ReplaySection } from './ReplaySection';
import { consumerAddress, consumersAddress } from './addresses';
import { useConsumerName } from './useConsumerName';

/** One who hears of events: held back or not, what waits for it, and events once more. */
export default function ConsumerPage() {
  const { t } = useTranslation('events');
  const { name } = consumerAddress.useParams();
  const consumers = useQuery(consumersQuery);
  const nameOf = useConsumerName();
  return (
    <Stack gap="md">
      <TextLink {...consumersAddress.to({})}>{t('consumers.title')}</TextLink>
      <PageTitle title={nameOf(name)} />
      <QueryState query={consumers}>
        {(all) => {
          const consumer = all.find((one) => one.name === name);
          return consumer ? (
            <ConsumerDetails consumer={consumer} />
          ) : (
            <EmptyState title={t('consumers.gone')}>{t('consumers.goneHint')}</EmptyState>
          );
        }}
      </QueryState>
    </Stack>
  );
}

function ConsumerDetails({ consumer }: { consumer: Consumer }) {
  const { t } = useTranslation('events');
  const queries = useQueryClient();
  const manage = useHasPermission('events.manage');
  const pause = useMutation({
    mutationFn: () => setPaused(consumer.name, consumer.state !== 'paused'),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['consumers'] }),
  });
  const paused = consumer.state === 'paused';
  return (
    <>
      <Section
        title={t(paused ? 'consumers.isPaused' : 'consumers.isRunning')}
        lead={t(paused ? 'consumers.isPausedLead' : 'consumers.isRunningLead')}
        actions={
          manage &&
          (paused || consumer.state === 'active') && (
            <Button variant={paused ? 'filled' : 'default'} loading={pause.isPending} onClick={() => pause.mutate()}>
              {t(paused ? 'consumers.resume' : 'consumers.pause')}
            </Button>
          )
        }
      >
        <Stack gap="sm">
          {pause.error && <ErrorMessage error={pause.error} />}
          {consumer.reason && <Alert color="yellow">{consumer.reason}</Alert>}
          <DescriptionList
            facts={[
              [
                t('consumers.state'),
                <StateBadge key="state" tone={toneOf(consumer)}>
                  {t(`consumers.${consumer.state}`)}
                </StateBadge>,
              ],
              [t('consumers.lag'), t('consumers.events', { count: consumer.lag, number: formatNumber(consumer.lag) })],
              [t('consumers.behindSince'), consumer.behindSince && formatDateTime(consumer.behindSince)],
              [t('consumers.waiting'), formatNumber(consumer.waiting)],
              [t('consumers.dead'), formatNumber(consumer.dead)],
              [t('consumers.discarded'), formatNumber(consumer.discarded)],
            ]}
          />
        </Stack>
      </Section>
      <ConsumerDeliveries consumer={consumer} manage={manage} />
      {manage && <ReplaySection consumer={consumer.name} />}
    </>
  );
}

function ConsumerDeliveries({ consumer, manage }: { consumer: Consumer; manage: boolean }) {
  const { t } = useTranslation(['events', 'common']);
  const queries = useQueryClient();
  const { state } = consumerAddress.useSearch();
  const setSearch = consumerAddress.useSetSearch();
  const pages = useInfiniteQuery(deliveriesQuery(consumer.name, state));
  /** Which are to be given up: one, or `all` dead ones. */
  const [discarding, setDiscarding] = useState<number | 'all'>();
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['consumers'] });
  const retry = useMutation({ mutationFn: (id?: number) => retryDeliveries(consumer.name, id), onSuccess: changed });
  const actions = ({ id, state: deliveryState }: Delivery) =>
    deliveryState !== 'discarded' && (
      <Group gap="xs" wrap="nowrap">
        <Button size="compact-sm" variant="default" disabled={retry.isPending} onClick={() => retry.mutate(id)}>
          {t('common:retry')}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => setDiscarding(id)}>
          {t('deliveries.discard')}
        </Button>
      </Group>
    );
  return (
    <Section title={t('deliveries.title')} lead={t('deliveries.lead')}>
      <Stack gap="sm">
        <Group justify="space-between">
          <SegmentedControl
            aria-label={t('deliveries.which')}
            value={state ?? 'all'}
            onChange={(value) => setSearch({ state: value === 'all' ? undefined : (value as typeof state) })}
            data={[
              { value: 'all', label: t('common:all') },
              { value: 'waiting', label: t('deliveries.waiting') },
              { value: 'dead', label: t('deliveries.dead') },
              { value: 'discarded', label: t('deliveries.discarded') },
            ]}
          />
          {manage && (
            <Group gap="xs">
              {consumer.waiting + consumer.dead > 0 && (
                <Button variant="default" size="xs" loading={retry.isPending} onClick={() => retry.mutate(undefined)}>
                  {t('deliveries.retryAll')}
                </Button>
              )}
              {consumer.dead > 0 && (
                <Button variant="default" size="xs" onClick={() => setDiscarding('all')}>
                  {t('deliveries.discardAll', { count: consumer.dead })}
                </Button>
              )}
            </Group>
          )}
        </Group>
        {retry.error && <ErrorMessage error={retry.error} />}
        <span role="status">{retry.isSuccess && t('deliveries.retried', { count: retry.data })}</span>
        <PagedTable
          pages={pages}
          label={t('deliveries.title')}
          keyOf={(row) => row.id}
          columns={[
            { label: t('deliveries.state'), render: (row) => <DeliveryStateBadge delivery={row} /> },
            {
              label: t('deliveries.event'),
              render: ({ event }) => (
                <>
                  {event?.name ?? t('deliveries.eventGone')}
                  <Text size="xs" c="dimmed">
                    {event?.contentType} {event?.documentId}
                  </Text>
                </>
              ),
            },
            { label: t('deliveries.problem'), breaks: true, render: (row) => row.reason ?? row.error },
            ...(manage ? [{ label: t('actions'), render: actions }] : []),
          ]}
          empty={
            <EmptyState icon={IconMoodHappy} title={t('deliveries.none')} order={3}>
              {t('deliveries.noneHint')}
            </EmptyState>
          }
        />
      </Stack>
      <DiscardDialog
        consumer={consumer}
        target={discarding}
        onClose={() => setDiscarding(undefined)}
        onDone={changed}
      />
    </Section>
  );
}

function DeliveryStateBadge({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation('events');
  const { state, attempt, due } = delivery;
  return (
    <>
      <StateBadge tone={state === 'dead' ? 'bad' : state === 'waiting' ? 'waiting' : 'off'}>
        {t(`deliveries.${state}`)}
      </StateBadge>
      <Text size="xs" c="dimmed">
        {t('deliveries.attempts', { count: attempt })}
        {state === 'waiting' && (
          <>
            {' · '}
            {t('deliveries.next')} <RelativeTime at={due} />
          </>
        )}
      </Text>
    </>
  );
}
