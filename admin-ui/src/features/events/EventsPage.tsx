import { Drawer, Stack, Text } from '@mantine/core';
import { IconActivity } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { eventsQuery, type StoredEvent } from '@/api/events';
import { DescriptionList, JsonBlock, PagedTable, TextLink, useContentTypes } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { formatDateTime } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { EventSubject } from './EventSubject';
import { ActorName } from './ActorName';
import { FilterForm } from './FilterForm';
import { eventsAddress } from './addresses';

/** Everything that happened, newest first. */
export default function EventsPage() {
  const { t } = useTranslation(['events', 'common']);
  const { event: open, ...filter } = eventsAddress.useSearch();
  const setSearch = eventsAddress.useSetSearch();
  const pages = useInfiniteQuery(eventsQuery(filter));
  const { nameOf } = useContentTypes();
  const rows = pages.data?.pages.flatMap((page) => page.data) ?? [];
  const opened = rows.find((row) => row.pos === open);
  const filtered = Object.values(filter).some(Boolean);
  return (
    <Stack gap="md">
      <PageTitle title={t('events.title')}>
        <Text size="sm" c="dimmed">
          {t('events.lead')}
        </Text>
      </PageTitle>
      <FilterForm
        filter={filter}
        fields={[
          { name: 'name', label: t('events.name'), placeholder: 'cairn.document.*' },
          { name: 'key', label: t('events.key') },
        ]}
        onChange={(next) =>
          setSearch(
            {
              name: undefined,
              key: undefined,
              contentType: undefined,
              from: undefined,
              to: undefined,
              ...next,
              event: undefined,
            },
            { replace: false },
          )
        }
      />
      <PagedTable
        pages={pages}
        label={t('events.title')}
        keyOf={(row) => row.pos}
        columns={[
          { label: t('when'), render: (row) => <RelativeTime at={row.at} /> },
          {
            label: t('events.name'),
            render: (row) => <TextLink {...eventsAddress.to({}, { ...filter, event: row.pos })}>{row.name}</TextLink>,
          },
          {
            label: t('about'),
            render: (row) => <EventSubject {...row} name={row.contentType ? nameOf(row.contentType) : row.key} />,
          },
          { label: t('who'), render: (row) => <ActorName actor={row.actor} /> },
        ]}
        empty={
          <EmptyState icon={IconActivity} title={t(filtered ? 'filter.nothing' : 'events.none')}>
            {t(filtered ? 'filter.nothingHint' : 'events.noneHint')}
          </EmptyState>
        }
      />
      <Drawer
        opened={opened !== undefined}
        onClose={() => setSearch({ event: undefined })}
        size="lg"
        title={opened?.name}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {opened && <EventDetails event={opened} />}
      </Drawer>
    </Stack>
  );
}

function EventDetails({ event }: { event: StoredEvent }) {
  const { t } = useTranslation('events');
  return (
    <Stack gap="md">
      <DescriptionList
        facts={[
          [t('when'), formatDateTime(event.at)],
          [t('who'), <ActorName key="who" actor={event.actor} />],
          [t('address'), event.actor.ip],
          [t('request'), event.actor.request],
          [t('events.key'), event.key],
          [t('filter.contentType'), event.contentType],
          [t('document'), event.documentId],
          [t('locale'), event.locale],
          [t('events.id'), event.id],
        ]}
      />
      {event.data && <JsonBlock value={event.data} label={t('events.data')} />}
    </Stack>
  );
}
