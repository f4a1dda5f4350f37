import { Skeleton, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconFileOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/ApiError';
import { modelQuery } from '@/api/contentTypes';
import type { Model } from '@/api/model';
import {
  actOnView,
  type PluginView,
  pluginViewQuery,
  pluginViewsQuery,
  type ViewBlock,
  type ViewDocument,
} from '@/api/pluginViews';
import { useSession } from '@/api/session';
import { entryTarget } from '@/features/content-manager';
import { EmptyState } from '@/ui/EmptyState';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { announce } from '@/ui/live';
import { PageTitle } from '@/ui/PageTitle';
import { knownZone, ZoneContext } from '@/ui/zone';
import { zoneName } from '@/fields/shared/format';
import type { EntryNavigation } from '@/views/dashboard/DashboardView';
import { adminPath } from './address';
import { Blocks } from './Block';
import { PageHeader } from './blocks/Header';
import { type RunAction, BlocksContext, type ViewChoices, HeadingContext, ViewContext, type ViewHost } from './context';
import { EditingContext } from './editing';
import type { Block, BlockOf } from './types';
import { useHeldView } from './useHeldView';
import { useLiveTypes } from './useLiveTypes';

interface Props {
  view: PluginView;
  document?: ViewDocument | undefined;
  choices: ViewChoices;
  /** It is a page by itself: a header that it begins with is that of the page, and there is room. */
  page?: boolean;
}

/** A view that a plugin has described: asked for, drawn, acted on. */
export function DeclaredView({ view, document, choices, page = false }: Props) {
  const { t } = useTranslation(['pluginView', 'common']);
  const query = pluginViewQuery(view.plugin, view.name, document, { ...choices.parameters });
  const described = useQuery({ ...query, placeholderData: (old: ViewBlock | undefined) => old });
  const model = useQuery(modelQuery);
  const failed = described.error ?? model.error;
  if (page && document && described.error instanceof ApiError && described.error.status === 404)
    return <DocumentGone />;
  if (described.data && model.data) {
    return (
      <DescribedView
        key={view.name}
        view={view}
        document={document}
        choices={choices}
        page={page}
        described={described.data as unknown as Block}
        model={model.data}
        queryKey={query.queryKey}
        failed={failed}
      />
    );
  }
  return (
    <>
      {page && <PageTitle title={view.title} />}
      {failed ? (
        <ErrorMessage
          error={failed}
          title={t('failed', { title: view.title })}
          retry={() => void (described.error ? described.refetch() : model.refetch())}
        />
      ) : (
        <DelayedContent>
          <Skeleton h={page ? 320 : 96} role="status" aria-label={t('common:loading')} />
        </DelayedContent>
      )}
    </>
  );
}

/** In place of the page of a document that is not there any more. Where the plugin went, its views are read anew, and the form takes the place. */
function DocumentGone() {
  const { t } = useTranslation('pluginView');
  const queries = useQueryClient();
  useEffect(() => void queries.invalidateQueries({ queryKey: pluginViewsQuery.queryKey }), [queries]);
  return (
    <>
      <PageTitle title={t('documentGone')} />
      <EmptyState icon={IconFileOff} title={t('documentGone')}>
        {t('documentGoneHint')}
      </EmptyState>
    </>
  );
}

interface DescribedViewProps extends Props {
  page: boolean;
  described: Block;
  model: Model;
  queryKey: readonly unknown[];
  failed: unknown;
}

function DescribedView({ view, document, choices, page, described, model, queryKey, failed }: DescribedViewProps) {
  const { t, i18n } = useTranslation('pluginView');
  const queries = useQueryClient();
  const router = useRouter();
  const { me, locales } = useSession();
  const [now] = useState(() => new Date());
  const reader = useMemo(
    () => ({ model, now, me: me.email, locale: locales.default }),
    [model, now, me.email, locales.default],
  );
  const goTo = useCallback(
    (address: string): void => {
      const path = adminPath(address);
      if (path !== undefined) router.history.push(`${router.basepath === '/' ? '' : router.basepath}${path}`);
    },
    [router],
  );
  const ways = useMemo(
    (): EntryNavigation => ({
      href: (uid, entry) => router.buildLocation(entryTarget(uid, entry.documentId, entry.locale)).href,
      open: (uid, entry) => void router.navigate(entryTarget(uid, entry.documentId, entry.locale)),
    }),
    [router],
  );
  const act: RunAction = useCallback(
    async (action, values, about) => {
      const done = await actOnView(view.plugin, view.name, action, about ?? document, values);
      if (done.view) queries.setQueryData(queryKey, done.view);
      // What the action has changed is not known: lists and numbers are read anew, and so is what it may have changed elsewhere.
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['content'] }),
        ...(done.view ? [] : [queries.invalidateQueries({ queryKey: ['plugin-view', view.plugin] })]),
      ]);
      if (done.notice) {
        announce(done.notice);
        notifications.show({ message: done.notice });
      }
      if (done.navigate) goTo(done.navigate);
    },
    [view, document, queries, queryKey, goTo],
  );
  const describeAnew = useCallback(
    () => void queries.invalidateQueries({ queryKey: ['plugin-view', view.plugin] }),
    [queries, view.plugin],
  );
  const { shown, editing } = useHeldView(described);
  useLiveTypes(model, described.kind === 'stack' ? described.live : undefined, describeAnew);
  const host = useMemo(
    (): ViewHost => ({
      plugin: view.plugin,
      view: view.name,
      document,
      roomy: page,
      model,
      viewer: reader,
      navigation: ways,
      language: i18n.resolvedLanguage ?? 'en',
      choices,
      act,
      goTo,
    }),
    [view, document, page, model, reader, ways, i18n.resolvedLanguage, choices, act, goTo],
  );
  const { first, rest } = useMemo(
    () => (page ? splitHeader(shown) : { first: undefined, rest: [shown] }),
    [shown, page],
  );
  const zone = knownZone(shown.kind === 'stack' ? shown.zone : undefined);
  return (
    <ViewContext value={host}>
      <EditingContext value={editing}>
        <ZoneContext value={zone}>
          <BlocksContext value={Blocks}>
            <HeadingContext value={page ? 2 : 3}>
              {page && (first ? <PageHeader block={first} /> : <PageTitle title={view.title} />)}
              <Stack gap="md">
                {failed !== null && failed !== undefined && <ErrorMessage error={failed} />}
                {zone !== undefined && (
                  <Text size="sm" c="dimmed">
                    {t('zone', { zone: zoneName(now, zone) })}
                  </Text>
                )}
                <Blocks blocks={rest} />
              </Stack>
            </HeadingContext>
          </BlocksContext>
        </ZoneContext>
      </EditingContext>
    </ViewContext>
  );
}

/** A view without the header that it begins with, which is that of its page. */
export function splitHeader(block: Block): { first: BlockOf<'header'> | undefined; rest: Block[] } {
  if (block.kind === 'header') return { first: block, rest: [] };
  if (block.kind === 'stack' && block.show[0]?.kind === 'header')
    return { first: block.show[0], rest: block.show.slice(1) };
  return { first: undefined, rest: block.kind === 'stack' ? block.show : [block] };
}
