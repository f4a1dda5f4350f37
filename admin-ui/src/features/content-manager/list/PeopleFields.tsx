import { Checkbox, MultiSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { peopleQuery } from '@/api/users';
import { ErrorMessage } from '@/ui/ErrorMessage';

export interface PeopleChoice {
  users: readonly number[];
  /** Beside who sees to them already. */
  keep: boolean;
}

/** Who is to see to entries. */
export function PeopleFields({ choice, onChange }: { choice: PeopleChoice; onChange: (choice: PeopleChoice) => void }) {
  const { t } = useTranslation('list');
  const { data, error, refetch } = useQuery(peopleQuery);
  return (
    <>
      {error && <ErrorMessage error={error} retry={() => void refetch()} />}
      <MultiSelect
        label={t('bulk.people')}
        searchable
        data={(data ?? []).filter(({ active }) => active).map(({ id, name }) => ({ value: String(id), label: name }))}
        value={choice.users.map(String)}
        onChange={(users) => onChange({ ...choice, users: users.map(Number) })}
      />
      <Checkbox
        label={t('bulk.keep')}
        checked={choice.keep}
        onChange={(event) => onChange({ ...choice, keep: event.currentTarget.checked })}
      />
    </>
  );
}
