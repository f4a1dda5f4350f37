import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { peopleQuery } from '@/api/users';
import { useContentTypes } from '../parts/useContentTypes';
import type { NameLookup } from './describeOwner';

/** How types, people and roles are called; who has left is called so. */
export function useNames(): NameLookup {
  const { t } = useTranslation('owners');
  const { nameOf } = useContentTypes();
  const { data: people } = useQuery(peopleQuery);
  return {
    type: nameOf,
    // Until they are read nobody has left.
    person: (id) => people?.find((one) => one.id === id)?.name ?? (people ? t('someone') : '…'),
    role: (code) => people?.flatMap((one) => one.roles).find((role) => role.code === code)?.name ?? code,
  };
}
