import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { peopleQuery } from '@/api/users';
import { ReferenceSelect } from './ReferenceSelect';
import { isRefusal, type ReferenceProps } from './references';

/** Chooses colleagues by their names: those who are active. The value is what `people.person.id` is, a number written as text. */
export function UserField(props: ReferenceProps) {
  const { t } = useTranslation('plugin');
  const people = useQuery(peopleQuery);
  const colleagues = people.data ?? [];
  const personOf = (id: string) => colleagues.find((person) => String(person.id) === id);
  const labelOf = (id: string): string => {
    const person = personOf(id);
    if (!person) return id;
    return person.active ? person.name : t('schema.user.inactive', { name: person.name });
  };
  const gone = people.isSuccess ? props.values.filter((id) => !personOf(id)) : [];
  const forbidden = people.isError && isRefusal(people.error);
  return (
    <ReferenceSelect
      {...props}
      placeholder={props.placeholder === undefined ? t('schema.user.search') : labelOf(props.placeholder)}
      chosen={props.values.map((id) => ({ value: id, label: labelOf(id) }))}
      options={colleagues
        .filter(({ active }) => active)
        .map(({ id, name, email }) => ({ value: String(id), label: name, detail: email }))}
      emptyText={
        forbidden
          ? t('schema.user.forbidden')
          : t(
              people.isPending
                ? 'schema.reference.loading'
                : people.isError
                  ? 'schema.reference.unread'
                  : 'schema.reference.none',
            )
      }
      loading={people.isFetching}
      note={
        forbidden
          ? t('schema.user.forbidden')
          : gone.length > 0
            ? t('schema.user.gone', { count: gone.length, ids: gone.join(', ') })
            : undefined
      }
      failure={forbidden ? null : people.error}
      onRetry={() => void people.refetch()}
    />
  );
}
