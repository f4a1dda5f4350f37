import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { personNameQuery } from '@/api/peopleNames';
import { useRoleName } from '../review/useRoleName';

/** Begins an owner that is everybody with a role: `role:sales`. */
const ROLE_PREFIX = 'role:';

/** What an owner is called: the admin with an id, or a role. */
export function PersonName({ id }: { id: string }) {
  return id.startsWith(ROLE_PREFIX) ? <RoleName code={id.slice(ROLE_PREFIX.length)} /> : <AdminName id={id} />;
}

function RoleName({ code }: { code: string }) {
  return <>{useRoleName()(code)}</>;
}

/** What the admin with an id is called. Until that is known nothing is shown: an id says nothing to anybody. */
function AdminName({ id }: { id: string }) {
  const { t } = useTranslation('views');
  const { data, isPending, isError } = useQuery(personNameQuery(id));
  if (isPending) return <span aria-busy="true">…</span>;
  if (isError || (data && data.name === null)) return <>{t('person.unnamed', { id })}</>;
  return <>{data?.name ?? t('person.former')}</>;
}
