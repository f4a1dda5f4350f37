import { Alert, Anchor, Button, Group, List, SegmentedControl, Skeleton, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconExternalLink, IconPackage, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  addToRelease,
  type CheckedItem,
  type Release,
  type ReleaseItem,
  releaseItemsQuery,
  type ReleasePreview as Check,
  releaseQuery,
  removeFromRelease,
  validationQuery,
} from '@/api/releases';
import { entryTarget } from '@/features/content-manager';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { lazyPart } from '@/ui/lazyPart';
import { PageTitle } from '@/ui/PageTitle';
import { PartBoundary } from '@/ui/PartBoundary';
import { releaseAddress, releasesAddress } from './addresses';
import { isClosed } from './isClosed';
import { useSitePreview } from './preview/useSitePreview';
import { RefusalReasons } from './RefusalReasons';
import { ReleaseActions } from './ReleaseActions';
import { ReleaseItems } from './ReleaseItems';
import { ReleaseTime } from './ReleaseTime';
import { StateBadge } from './StateBadge';
import { useItemEntries } from './useItemEntries';
import { useReleasePermissions } from './useReleasePermissions';

// Loaded when somebody opens them.
const AddEntriesDialog = lazyPart(() => import('./adding/AddEntriesDialog'));
const ReleasePreview = lazyPart(() => import('./preview/ReleasePreview'));

/** Reason why nothing of a release went out. Each entry of it says what is wrong with it. */
function FailureText({ problem }: { problem: NonNullable<Release['problem']> }): string {
  const { t } = useTranslation('releases');
  const { errors } = problem.details as { errors?: unknown[] };
  return errors?.length ? t('failedItems', { count: errors.length }) : problem.message;
}

/** A release: what is in it, whether it can go out and why not, and what became of it. */
export default function ReleasePage(): ReactElement {
  const { t } = useTranslation(['releases', 'releasing', 'common']);
  const id = Number(releaseAddress.useParams().id);
  const { view = 'entries' } = releaseAddress.useSearch();
  const set = releaseAddress.useSetSearch();
  const queries = useQueryClient();
  const { mayManage } = useReleasePermissions();
  const [adding, setAdding] = useState(false);
  const release = useQuery(releaseQuery(id));
  const items = useQuery(releaseItemsQuery(id));
  const open = release.data !== undefined && !isClosed(release.data.state);
  const check = useQuery({ ...validationQuery(id), enabled: open && (items.data?.length ?? 0) > 0 });
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['releases'] });
  const remove = useMutation({ mutationFn: (item: number) => removeFromRelease(id, item), onSuccess: changed });
  const add = useMutation({
    mutationFn: (suggestion: Check['suggestions'][number]) =>
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
  const entryOf = useItemEntries([...visibleItems, ...suggestions]);
  const site = useSitePreview(release.data);
  const firstPage = site.may
    ? visibleItems.find((item) => item.action === 'publish' && entryOf(item).type?.previewable)
    : undefined;
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
            onAdd={() => setAdding(true)}
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
      {site.error !== undefined && <ErrorMessage error={site.error} />}
      {(remove.error ?? add.error) && <ErrorMessage error={remove.error ?? add.error} />}
      {items.data?.length === 0 && (
        <EmptyState icon={IconPackage} title={t('releases:noItems')}>
          <Text mb="sm">{t('releases:noItemsHint')}</Text>
          {mayManage && open && (
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
              {t('releasing:adding.title')}
            </Button>
          )}
        </EmptyState>
      )}
      {open && check.data && visibleItems.length > 0 && (
        <Group gap="xs" mb="sm">
          <SegmentedControl
            aria-label={t('releases:view.label')}
            value={view}
            data={(['entries', 'preview'] as const).map((value) => ({
              value,
              label: t(value === 'entries' ? 'releasing:entries' : 'releasing:preview.title'),
            }))}
            onChange={(value) => set({ view: value === 'preview' ? 'preview' : undefined })}
          />
          {firstPage && (
            <Button
              variant="default"
              leftSection={<IconExternalLink size={16} aria-hidden />}
              onClick={() => void site.open(firstPage)}
            >
              {t('releasing:preview.site')}
            </Button>
          )}
        </Group>
      )}
      {view === 'preview' && open && check.data ? (
        <PartBoundary>
          <ReleasePreview
            check={check.data}
            openPage={site.may ? (item) => void site.open(item) : undefined}
            entryOf={entryOf}
            renderProblems={(item) => <RefusalReasons item={item} refusals={item.problems} />}
            add={mayManage ? (missing) => add.mutate(missing) : undefined}
            fallback={<Skeleton h={240} aria-label={t('common:loading')} />}
          />
        </PartBoundary>
      ) : (
        visibleItems.length > 0 && (
          <ReleaseItems
            items={visibleItems}
            entryOf={entryOf}
            open={open}
            remove={open && mayManage ? (item) => remove.mutate(item) : undefined}
            removing={remove.isPending}
          />
        )
      )}
      {view === 'entries' && suggestions.length > 0 && (
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
                    {entryOf(suggestion).title}
                  </Anchor>
                  {mayManage && (
                    <Button
                      size="compact-xs"
                      variant="default"
                      leftSection={<IconPlus size={12} aria-hidden />}
                      onClick={() => add.mutate(suggestion)}
                    >
                      {t('common:add')}
                    </Button>
                  )}
                </Group>
              </List.Item>
            ))}
          </List>
        </section>
      )}
      {adding && items.data && (
        <PartBoundary closeDialog={() => setAdding(false)}>
          <AddEntriesDialog release={id} items={items.data} onAdded={changed} onClose={() => setAdding(false)} />
        </PartBoundary>
      )}
    </>
  );
}
