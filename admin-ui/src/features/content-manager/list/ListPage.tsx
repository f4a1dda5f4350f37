import { Skeleton } from '@mantine/core';
import { IconFileOff } from '@tabler/icons-react';
import { Navigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { entryTarget, listAddress } from '../addresses';
import { EntryList } from './EntryList';
import { useModel } from './useModel';

/** The entries of a type; of a single type its one entry. */
export default function ListPage(): ReactElement {
  const { t } = useTranslation(['list', 'common']);
  const { uid } = listAddress.useParams();
  const { locale } = listAddress.useSearch();
  const { model, type, error, isPending, refetch } = useModel(uid);
  if (isPending) {
    return (
      <DelayedContent>
        <Skeleton h={320} aria-label={t('common:loading')} />
      </DelayedContent>
    );
  }
  if (!model) return <ErrorMessage error={error} retry={refetch} />;
  if (!type) {
    return (
      <>
        <PageTitle title={t('list:content')} />
        <EmptyState icon={IconFileOff} title={t('list:noType')}>
          {t('list:noTypeHint', { uid })}
        </EmptyState>
      </>
    );
  }
  // A single type has one entry, whose page needs no id.
  if (type.kind === 'singleType') return <Navigate {...entryTarget(type.uid, 'single', locale)} replace />;
  return <EntryList key={type.uid} model={model} type={type} />;
}
