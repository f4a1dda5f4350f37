import {
  Alert,
  Anchor,
  Badge,
  Button,
  Checkbox,
  CloseButton,
  Group,
  List,
  Modal,
  Select,
  Skeleton,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
  VisuallyHidden,
} from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconCircleCheck,
  IconClock,
  IconPackage,
  IconPlus,
  IconWorldUpload,
} from '@tabler/icons-react';
import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listEntries } from '@/api/content';
import { modelQuery } from '@/api/contentTypes';
import { contentTypeOf } from '@/api/model';
import {
  runReleaseAction,
  addToRelease,
  type CheckedItem,
  deleteRelease,
  type LocalTime,
  type Release,
  releaseItemsQuery,
  type ReleaseItem,
  releaseQuery,
  removeFromRelease,
  type ReleasePreview,
  validationQuery,
} from '@/api/releases';
import { entryTarget } from '@/features/content-manager';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime, LOCAL_ZONE } from '@/ui/format';
import { FormDialog } from '@/ui/FormDialog';
import { lazyPart } from '@/ui/lazyPart';
import { announce } from '@/ui/live';
import { PageTitle } from '@/ui/PageTitle';
import { TimeZoneSelect } from '@/ui/TimeZoneSelect';
import { RefusalReasons } from './RefusalReasons';
import { releaseAddress, releasesAddress } from './addresses';
import { StateBadge } from './StateBadge';
import { ReleaseTime } from './ReleaseTime';

const TimeSuggestions = lazyPart(() => import('@/ui/TimeSuggestions'));

const CLOSED = ['done', 'rolled-back'];

/** Reason why nothing of a release went out. Each entry of it says what is wrong with it. */
function FailureText({ problem }: { problem: NonNullable<Release['problem']> }): string {
  const { t } = useTranslation('releases');
  const { errors } = problem.details as { errors?: unknown[] };
  return errors?.length ? t('failedItems', { count: errors.length }) : problem.message;
}

/** A release: what is in it, whether it can go out and why not, and what became of it. */
export default function ReleasePage(): ReactElement {
  const { t } = useTranslation(['releases', 'common']);
  const id = Number(releaseAddress.useParams().id);
  const queries = useQueryClient();
  const release = useQuery(releaseQuery(id));
  const items = useQuery(releaseItemsQuery(id));
  const open = release.data !== undefined && !CLOSED.includes(release.data.state);
  const check = useQuery({ ...validationQuery(id), enabled: open && (items.data?.length ?? 0) > 0 });
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['releases'] });
  const remove = useMutation({ mutationFn: (item: number) => removeFromRelease(id, item), onSuccess: changed });
  const add = useMutation({
    mutationFn: (suggestion: ReleasePreview['suggestions'][number]) =>
      addToRelease(id, [
        {
          contentType: suggestion.contentType,
          documentId: suggestion.documentId,
          action: 'publish',
          ...(suggestion.locale ? { locale: suggestion.locale } : {}),
        },
      ]),
    onSuccess: changed,
  });
  const visibleItems: readonly (ReleaseItem | CheckedItem)[] = (open && check.data?.items) || items.data || [];
  const suggestions = (open && check.data?.suggestions) || [];
  const titles = useTitles([...visibleItems, ...suggestions]);
  if (release.error) return <ErrorMessage error={release.error} retry={() => void release.refetch()} />;
  if (!release.data) {
    return (
      <DelayedContent>
        <Skeleton h={240} aria-label={t('common:loading')} />
      </DelayedContent>
    );
  }
  return (
    <>
      <PageTitle
        title={release.data.name}
        actions={
          <ReleaseActions
            release={release.data}
            check={check.data}
            empty={items.data?.length === 0}
            changed={changed}
          />
        }
      >
        <Group gap="sm">
          <StateBadge state={release.data.state} />
          <ReleaseTime release={release.data} />
          <Anchor
            size="sm"
            py={4}
            style={{ display: 'inline-block' }}
            renderRoot={(props) => <Link {...releasesAddress.to({})} {...props} />}
          >
            {t('releases:all')}
          </Anchor>
        </Group>
        {release.data.note && <Text size="sm">{release.data.note}</Text>}
      </PageTitle>
      {release.data.problem && (
        <Alert my="sm" color="red" icon={<IconAlertTriangle aria-hidden />} title={t('releases:failed')}>
          <FailureText problem={release.data.problem} />
        </Alert>
      )}
      {open && check.data && (
        <Alert
          my="sm"
          role="status"
          color={check.data.fit ? 'teal' : 'red'}
          icon={check.data.fit ? <IconCircleCheck aria-hidden /> : <IconAlertTriangle aria-hidden />}
          title={t(check.data.fit ? 'releases:fit' : 'releases:unfit', {
            count: check.data.items.filter((item) => item.problems.length > 0).length,
          })}
        >
          {t(check.data.fit ? 'releases:fitHint' : 'releases:unfitHint')}
        </Alert>
      )}
      {check.error && <ErrorMessage error={check.error} retry={() => void check.refetch()} />}
      {items.error && <ErrorMessage error={items.error} retry={() => void items.refetch()} />}
      {(remove.error ?? add.error) && <ErrorMessage error={remove.error ?? add.error} />}
      {items.data?.length === 0 && (
        <EmptyState icon={IconPackage} title={t('releases:noItems')}>
          {t('releases:noItemsHint')}
        </EmptyState>
      )}
      {visibleItems.length > 0 && (
        <Table.ScrollContainer minWidth={560}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('releases:entry')}</Table.Th>
                <Table.Th>{t('releases:action')}</Table.Th>
                <Table.Th>{open ? t('releases:check') : t('releases:outcome')}</Table.Th>
                {open && (
                  <Table.Th>
                    <VisuallyHidden>{t('common:remove')}</VisuallyHidden>
                  </Table.Th>
                )}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {visibleItems.map((item) => {
                const title = titles(item);
                return (
                  <Table.Tr key={item.id}>
                    <Table.Td>
                      <Anchor
                        renderRoot={(props) => (
                          <Link {...entryTarget(item.contentType, item.documentId, item.locale)} {...props} />
                        )}
                      >
                        {title}
                      </Anchor>
                      {item.locale && (
                        <Text size="xs" c="dimmed">
                          {item.locale}
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td>{t(`releases:actions.${item.action}`)}</Table.Td>
                    <Table.Td>{'problems' in item ? <ItemCheck item={item} /> : <ItemOutcome item={item} />}</Table.Td>
                    {open && (
                      <Table.Td>
                        <CloseButton
                          size={28}
                          aria-label={t('releases:removeItem', { title })}
                          disabled={remove.isPending}
                          onClick={() => remove.mutate(item.id)}
                        />
                      </Table.Td>
                    )}
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {suggestions.length > 0 && (
        <section>
          <Title order={2} mt="md">
            {t('releases:suggestions', { count: suggestions.length })}
          </Title>
          <Text size="sm" c="dimmed" mb="xs">
            {t('releases:suggestionsHint')}
          </Text>
          <List listStyleType="none" spacing={4}>
            {suggestions.map((suggestion) => (
              <List.Item key={`${suggestion.contentType} ${suggestion.documentId} ${suggestion.locale}`}>
                <Group gap="xs">
                  <Anchor
                    renderRoot={(props) => (
                      <Link
                        {...entryTarget(suggestion.contentType, suggestion.documentId, suggestion.locale)}
                        {...props}
                      />
                    )}
                  >
                    {titles(suggestion)}
                  </Anchor>
                  <Button
                    size="compact-xs"
                    variant="default"
                    leftSection={<IconPlus size={12} aria-hidden />}
                    onClick={() => add.mutate(suggestion)}
                  >
                    {t('common:add')}
                  </Button>
                </Group>
              </List.Item>
            ))}
          </List>
        </section>
      )}
    </>
  );
}

/** What an item's check says: that it is right, or each thing that is not. */
function ItemCheck({ item }: { item: CheckedItem }) {
  const { t } = useTranslation('releases');
  return (
    <Stack gap={2}>
      {item.problems.length > 0 && <RefusalReasons item={item} refusals={item.problems} />}
      {item.problems.length === 0 && <Text size="sm">{t(item.unchanged ? 'unchanged' : 'ready')}</Text>}
      {item.alsoIn.map((other) => (
        <Badge
          key={other.id}
          variant="default"
          size="sm"
          renderRoot={(props) => <Link {...releaseAddress.to({ id: String(other.id) })} {...props} />}
        >
          {t('alsoIn', { name: other.name })}
        </Badge>
      ))}
    </Stack>
  );
}

function ItemOutcome({ item }: { item: ReleaseItem }) {
  const { t } = useTranslation('releases');
  if (item.problem) return <RefusalReasons item={item} refusals={[item.problem]} />;
  return <Text size="sm">{item.outcome ? t(`outcomes.${item.outcome}`, { defaultValue: item.outcome }) : '–'}</Text>;
}

interface ReleaseActionsProps {
  release: Release;
  check: ReleasePreview | undefined;
  empty: boolean;
  changed: () => Promise<void>;
}

function ReleaseActions({ release, check, empty, changed }: ReleaseActionsProps) {
  const { t } = useTranslation(['releases', 'common']);
  const [dialog, setDialog] = useState<'publish' | 'schedule' | 'rollback' | 'delete' | null>(null);
  const unschedule = useMutation({ mutationFn: () => runReleaseAction(release.id, 'unschedule'), onSuccess: changed });
  const { state } = release;
  const fit = check?.fit === true;
  return (
    <Group gap="xs">
      {unschedule.error && <ErrorMessage error={unschedule.error} />}
      {state === 'scheduled' && (
        <Button variant="default" loading={unschedule.isPending} onClick={() => unschedule.mutate()}>
          {t('releases:unschedule')}
        </Button>
      )}
      {(state === 'open' || state === 'failed') && (
        <Button
          variant="default"
          leftSection={<IconClock size={16} aria-hidden />}
          disabled={empty}
          onClick={() => setDialog('schedule')}
        >
          {t('releases:schedule')}
        </Button>
      )}
      {!CLOSED.includes(state) && (
        <Button
          leftSection={<IconWorldUpload size={16} aria-hidden />}
          disabled={empty || !fit}
          onClick={() => setDialog('publish')}
        >
          {t('releases:publish')}
        </Button>
      )}
      {state === 'done' && (
        <Button
          variant="default"
          leftSection={<IconArrowBackUp size={16} aria-hidden />}
          onClick={() => setDialog('rollback')}
        >
          {t('releases:rollback')}
        </Button>
      )}
      {state !== 'scheduled' && (
        <Button variant="subtle" color="red" onClick={() => setDialog('delete')}>
          {t('common:delete')}
        </Button>
      )}
      {dialog === 'schedule' && <ScheduleRelease release={release} close={() => setDialog(null)} changed={changed} />}
      {(dialog === 'publish' || dialog === 'rollback' || dialog === 'delete') && (
        <ConfirmReleaseAction
          kind={dialog}
          release={release}
          count={check?.items.length ?? 0}
          close={() => setDialog(null)}
          changed={changed}
        />
      )}
    </Group>
  );
}

interface ConfirmProps {
  kind: 'publish' | 'rollback' | 'delete';
  release: Release;
  count: number;
  close: () => void;
  changed: () => Promise<void>;
}

function ConfirmReleaseAction({ kind, release, count, close, changed }: ConfirmProps) {
  const { t } = useTranslation(['releases', 'common']);
  const [overwrite, setOverwrite] = useState(false);
  const navigate = useNavigate();
  const act = useMutation({
    mutationFn: () =>
      kind === 'delete'
        ? deleteRelease(release.id)
        : kind === 'publish'
          ? runReleaseAction(release.id, 'publish')
          : runReleaseAction(release.id, 'rollback', { overwrite }),
    onSuccess: async () => {
      announce(t(`releases:confirm.${kind}.done`));
      if (kind === 'delete') await navigate(releasesAddress.to({}));
      await changed();
      close();
    },
  });
  return (
    <Modal
      opened
      onClose={close}
      title={t(`releases:confirm.${kind}.title`, { name: release.name })}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      <Stack gap="sm">
        <Text size="sm">{t(`releases:confirm.${kind}.text`, { count })}</Text>
        {kind === 'rollback' && (
          <Checkbox
            label={t('releases:confirm.rollback.overwrite')}
            checked={overwrite}
            onChange={(event) => setOverwrite(event.currentTarget.checked)}
          />
        )}
        {act.error && <ErrorMessage error={act.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common:cancel')}
          </Button>
          <Button
            data-autofocus
            color={kind === 'delete' ? 'red' : undefined}
            loading={act.isPending}
            onClick={() => act.mutate()}
          >
            {t(`releases:confirm.${kind}.button`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function ScheduleRelease({
  release,
  close,
  changed,
}: {
  release: Release;
  close: () => void;
  changed: () => Promise<void>;
}) {
  const { t } = useTranslation(['releases', 'common']);
  const [localTime, setLocalTime] = useState(release.localTime?.slice(0, 16) ?? '');
  const [zone, setZone] = useState(release.zone ?? LOCAL_ZONE);
  const [now] = useState(() => new Date());
  const [fold, setFold] = useState<LocalTime['fold']>();
  const plan = useMutation({
    mutationFn: () => runReleaseAction(release.id, 'schedule', { localTime, zone, ...(fold ? { fold } : {}) }),
    onSuccess: async () => {
      await changed();
      close();
    },
  });
  // The clock shows the hour twice when summer time ends.
  const twice = plan.error instanceof Error && /fold|twice/i.test(plan.error.message);
  return (
    <FormDialog
      title={t('releases:schedule')}
      onClose={close}
      onSubmit={() => {
        if (localTime) plan.mutate();
      }}
      pending={plan.isPending}
      error={plan.error}
      submit={t('releases:schedule')}
      disabled={!localTime && t('common:missing.time')}
    >
      <TextInput
        type="datetime-local"
        label={t('releases:time')}
        value={localTime}
        onChange={(event) => setLocalTime(event.currentTarget.value)}
        data-autofocus
      />
      <TimeSuggestions zone={zone} value={localTime} onChoose={setLocalTime} fallback={null} />
      <TimeZoneSelect label={t('releases:zone')} value={zone} onChange={setZone} />
      {localTime && zone !== LOCAL_ZONE && (
        <Text size="sm" c="dimmed">
          {t('releases:here', { zone: LOCAL_ZONE, now: formatDateTime(now, LOCAL_ZONE) })}
        </Text>
      )}
      {(twice || fold) && (
        <Select
          label={t('releases:fold')}
          data={[
            { value: 'earlier', label: t('releases:earlier') },
            { value: 'later', label: t('releases:later') },
          ]}
          value={fold ?? null}
          onChange={(value) => setFold(value === 'earlier' || value === 'later' ? value : undefined)}
        />
      )}
    </FormDialog>
  );
}

/** What documents are called, one question per type and language. */
function useTitles(
  items: readonly { contentType: string; documentId: string; locale: string | null }[],
): (item: { contentType: string; documentId: string; locale: string | null }) => string {
  const { data: model } = useQuery(modelQuery);
  const groups = new Map<string, { uid: string; locale: string | null; ids: Set<string> }>();
  for (const { contentType, documentId, locale } of items) {
    const key = `${contentType} ${locale}`;
    const group = groups.get(key) ?? { uid: contentType, locale, ids: new Set() };
    group.ids.add(documentId);
    groups.set(key, group);
  }
  const usageQueries = [...groups].flatMap(([key, group]) => {
    const type = model && contentTypeOf(model, group.uid);
    return type?.titleField && type.kind === 'collectionType'
      ? [{ key, type, field: type.titleField, ...group, ids: [...group.ids].slice(0, 100) }]
      : [];
  });
  const answers = useQueries({
    queries: usageQueries.map(({ type, field, locale, ids }) => ({
      queryKey: ['content', type.uid, 'titles', locale, ids],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        listEntries(
          type,
          {
            filters: { documentId: { $in: ids } },
            fields: [field],
            pagination: { pageSize: 100, withCount: false },
            ...(locale ? { locale } : {}),
          },
          signal,
        ),
    })),
  });
  const titles = new Map<string, string>();
  usageQueries.forEach(({ key, field }, at) => {
    for (const entry of answers[at]?.data?.entries ?? [])
      titles.set(`${key} ${entry.documentId}`, String(entry[field] ?? entry.documentId));
  });
  return ({ contentType, documentId, locale }) => titles.get(`${contentType} ${locale} ${documentId}`) ?? documentId;
}
