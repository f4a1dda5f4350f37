import { Skeleton } from '@mantine/core';
import { IconPuzzleOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { pluginViewsQuery } from '@/api/pluginViews';
import { contentTypeOf, pluralNameOf } from '@/api/model';
import { listAddress } from '@/features/content-manager';
import { TextLink } from '@/features/settings';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { pluginListAddress } from '../addresses';
import { useAddressChoices } from '../view/useChoices';
import { PluginViewContent } from './PluginViewContent';
import { isFor } from './useViews';

/** The entries of a type as a plugin shows them. */
export default function PluginListPage(): ReactElement {
  const { t } = useTranslation(['pluginView', 'common']);
  const { uid, plugin, view: name } = pluginListAddress.useParams();
  const views = useQuery(pluginViewsQuery);
  const model = useQuery(modelQuery).data;
  const type = model && contentTypeOf(model, uid);
  const choices = useAddressChoices();
  const view = views.data?.find((one) => one.plugin === plugin && one.name === name && isFor(one, 'list', uid));
  if (views.isPending) {
    return (
      <DelayedContent>
        <Skeleton h={320} aria-label={t('common:loading')} />
      </DelayedContent>
    );
  }
  return (
    <>
      <TextLink {...listAddress.to({ uid })}>{type ? pluralNameOf(type) : uid}</TextLink>
      {view ? (
        <PluginViewContent key={`${plugin} ${name}`} view={view} choices={choices} page />
      ) : (
        <>
          <PageTitle title={t('gone')} />
          <EmptyState icon={IconPuzzleOff} title={t('gone')}>
            {t('goneHint')}
          </EmptyState>
        </>
      )}
    </>
  );
}
