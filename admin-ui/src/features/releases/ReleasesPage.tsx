import {
  Anchor,
  Button,
  Card,
  SegmentedControl,
  SimpleGrid,
  Skeleton,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { IconPackage, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createRelease, type Release, releasesQuery, type ReleaseState } from '@/api/releases';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { FormDialog } from '@/ui/FormDialog';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { releaseAddress, releasesAddress } from './addresses';
import { StateBadge } from './StateBadge';
import { ReleaseTime } from './ReleaseTime';

const STATES: readonly ReleaseState[] = ['open', 'scheduled', 'failed', 'done', 'rolled-back'];

/** All releases, as a list or by how they stand. */
export default function ReleasesPage(): ReactElement {
  const { t } = useTranslation(['releases', 'common']);
  const { view } = releasesAddress.useSearch();
  const set = releasesAddress.useSetSearch();
  const { data, error, isPending, refetch } = useQuery(releasesQuery());
  const [making, setMaking] = useState(false);
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
      {t('releases:new')}
    </Button>
  );
  return (
    <>
      <PageTitle title={t('releases:title')} actions={add} />
      {error && <ErrorMessage error={error} retry={() => void refetch()} />}
      {isPending && (
        <DelayedContent>
          <Skeleton h={160} aria-label={t('common:loading')} />
        </DelayedContent>
      )}
      {data?.length === 0 && (
        <EmptyState icon={IconPackage} title={t('releases:empty.title')} action={add}>
          {t('releases:empty.hint')}
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <>
          <SegmentedControl
            mb="sm"
            size="xs"
            aria-label={t('releases:view.label')}
            value={view}
            data={[
              { value: 'list', label: t('releases:view.list') },
              { value: 'board', label: t('releases:view.board') },
            ]}
            onChange={(value) => set({ view: value === 'board' ? 'board' : 'list' })}
          />
          {view === 'list' ? <ReleaseTable releases={data} /> : <ReleaseBoard releases={data} />}
        </>
      )}
      {making && <NewRelease close={() => setMaking(false)} />}
    </>
  );
}

function ReleaseLink({ release }: { release: Release }) {
  return (
    <Anchor fw={500} renderRoot={(props) => <Link {...releaseAddress.to({ id: String(release.id) })} {...props} />}>
      {release.name}
    </Anchor>
  );
}

function ReleaseTable({ releases }: { releases: readonly Release[] }) {
  const { t } = useTranslation('releases');
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('name')}</Table.Th>
            <Table.Th>{t('stateLabel')}</Table.Th>
            <Table.Th>{t('when')}</Table.Th>
            <Table.Th>{t('created')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {releases.map((release) => (
            <Table.Tr key={release.id}>
              <Table.Td>
                <ReleaseLink release={release} />
              </Table.Td>
              <Table.Td>
                <StateBadge state={release.state} />
              </Table.Td>
              <Table.Td>
                {release.endedAt ? <RelativeTime at={release.endedAt} /> : <ReleaseTime release={release} />}
              </Table.Td>
              <Table.Td>
                <RelativeTime at={release.createdAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function ReleaseBoard({ releases }: { releases: readonly Release[] }) {
  const { t } = useTranslation('releases');
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, md: 3, xl: 5 }} spacing="sm">
      {STATES.map((state) => {
        const ofState = releases.filter((release) => release.state === state);
        return (
          <section key={state} aria-label={t(`state.${state}`)}>
            <Title order={2} size="h4" mb="xs">
              {t(`state.${state}`)} ({ofState.length})
            </Title>
            <Stack gap="xs">
              {ofState.map((release) => (
                <Card key={release.id} withBorder padding="xs">
                  <ReleaseLink release={release} />
                  <ReleaseTime release={release} />
                  {release.note && (
                    <Text size="xs" c="dimmed" lineClamp={2}>
                      {release.note}
                    </Text>
                  )}
                </Card>
              ))}
            </Stack>
          </section>
        );
      })}
    </SimpleGrid>
  );
}

function NewRelease({ close }: { close: () => void }) {
  const { t } = useTranslation(['releases', 'common']);
  const [name, setName] = useState('');
  const [note, setNote] = useState('');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: () => createRelease(name.trim(), note.trim()),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['releases'] });
      await navigate(releaseAddress.to({ id: String(id) }));
    },
  });
  return (
    <FormDialog
      title={t('releases:new')}
      onClose={close}
      onSubmit={() => {
        if (name.trim()) make.mutate();
      }}
      pending={make.isPending}
      error={make.error}
      submit={t('common:create')}
      disabled={!name.trim() && t('common:missing.name')}
    >
      <TextInput
        label={t('releases:name')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
        maxLength={200}
      />
      <Textarea
        label={t('releases:note')}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        autosize
        minRows={2}
      />
    </FormDialog>
  );
}
