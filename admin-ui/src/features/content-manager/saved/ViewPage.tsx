import { Anchor, Button, Skeleton } from '@mantine/core';
import { IconPencil, IconViewfinderOff } from '@tabler/icons-react';
import { Link, Navigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { contentTypeOf, type Model } from '@/api/model';
import type { SavedView } from '@/api/views';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { DashboardView } from '@/views/dashboard/DashboardView';
import { FormView } from '@/views/form/FormView';
import { parseView } from '@/views/parseView';
import { searchOf } from '../list/savedView';
import { listAddress, viewEditAddress, viewAddress } from '../addresses';
import { Problems } from './Problems';
import { useViewer } from './useViewer';
import { useSavedView } from './useSavedView';
import { useEntryNavigation } from './useEntryNavigation';

/** A saved view by itself. */
export default function ViewPage(): ReactElement {
  const { t } = useTranslation(['views', 'common']);
  const { id } = viewAddress.useParams();
  const { view, model, error, isPending, retry } = useSavedView(id);
  if (isPending) {
    return (
      <DelayedContent>
        <Skeleton h={320} aria-label={t('common:loading')} />
      </DelayedContent>
    );
  }
  if (!model) return <ErrorMessage error={error} retry={retry} />;
  if (!view) {
    return (
      <>
        <PageTitle title={t('views:title')} />
        {error ? (
          <ErrorMessage error={error} retry={retry} />
        ) : (
          <EmptyState icon={IconViewfinderOff} title={t('views:builder.gone')}>
            {t('views:builder.goneHint')}
          </EmptyState>
        )}
      </>
    );
  }
  return <SavedViewContent view={view} model={model} />;
}

function SavedViewContent({ view, model }: { view: SavedView; model: Model }) {
  const { t } = useTranslation(['views', 'list']);
  const reader = useViewer(model);
  const ways = useEntryNavigation();
  const { view: definition, problems } = parseView(view.definition, model);
  const search = searchOf(view.definition, model, view.id);
  if (search) return <Navigate {...listAddress.to({ uid: view.type }, search)} replace />;
  const type = definition?.kind === 'form' ? contentTypeOf(model, definition.type) : undefined;
  return (
    <>
      <PageTitle
        title={view.name}
        actions={
          view.own && (
            <Button
              variant="default"
              leftSection={<IconPencil size={16} aria-hidden />}
              renderRoot={(props) => <Link {...viewEditAddress.to({ id: String(view.id) })} {...props} />}
            >
              {t('views:builder.edit')}
            </Button>
          )
        }
      >
        {type && (
          <Anchor size="sm" renderRoot={(props) => <Link {...listAddress.to({ uid: type.uid })} {...props} />}>
            {t('views:builder.back', { type: type.info.displayName })}
          </Anchor>
        )}
      </PageTitle>
      {problems.length > 0 && <Problems problems={problems} />}
      {definition?.kind === 'dashboard' && <DashboardView definition={definition} reader={reader} {...ways} />}
      {definition?.kind === 'form' && type && (
        <FormView
          model={model}
          type={type}
          definition={definition}
          locale={type.localized ? reader.locale : undefined}
          href={(entry) => ways.href(type.uid, entry)}
          open={(entry) => ways.open(type.uid, entry)}
        />
      )}
    </>
  );
}
