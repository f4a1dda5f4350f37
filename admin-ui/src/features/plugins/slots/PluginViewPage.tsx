import { Skeleton } from '@mantine/core';
import { IconPuzzleOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { pluginViewsQuery } from '@/api/pluginViews';
import { isAbsent } from '@/api/routeExists';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { useAddressChoices } from '../view/useChoices';
import { PluginViewContent } from './PluginViewContent';

/** A page of a plugin. */
export default function PluginViewPage() {
  const { t } = useTranslation(['pluginView', 'common']);
  const { plugin, _splat: splat = '' } = useParams({ strict: false }) as { plugin?: string; _splat?: string };
  const views = useQuery(pluginViewsQuery);
  const choices = useAddressChoices();
  if (views.isPending) {
    return (
      <DelayedContent>
        <Skeleton h={320} aria-label={t('common:loading')} />
      </DelayedContent>
    );
  }
  if (views.error && !isAbsent(views.error)) {
    return (
      <>
        <PageTitle title={plugin ?? ''} />
        <ErrorMessage error={views.error} retry={() => void views.refetch()} />
      </>
    );
  }
  const path = splat.replace(/\/+$/, '');
  const view = views.data?.find(
    (one) => one.kind === 'page' && one.plugin === plugin && one.path?.replace(/^\/+|\/+$/g, '') === path,
  );
  if (!view) {
    return (
      <>
        <PageTitle title={t('gone')} />
        <EmptyState icon={IconPuzzleOff} title={t('gone')}>
          {t('goneHint')}
        </EmptyState>
      </>
    );
  }
  return <PluginViewContent key={`${view.plugin} ${view.name}`} view={view} choices={choices} page />;
}
