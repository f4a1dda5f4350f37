import { type OptionsFilter, Select, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addToRelease, listOpenReleases, makeRelease, type Subject } from '@/api/editorial';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';
import { PublicationChoice } from './PublicationChoice';
import type { EntrySession } from './session';
import { usePlanning } from './usePlanning';

/** Stands for a release that there is not yet. */
const NEW = 'new';

/** A new release can be chosen whatever is typed. */
const keepNew: OptionsFilter = ({ options, search }) => {
  const words = search.trim().toLocaleLowerCase();
  return options.filter(
    (option) => 'value' in option && (option.value === NEW || option.label.toLocaleLowerCase().includes(words)),
  );
};

/** Puts the entry into a release, one that there is or a new one. */
export default function ReleaseDialog({
  subject,
  session,
  onClose,
}: {
  subject: Subject;
  session: EntrySession;
  onClose: () => void;
}) {
  const { t } = useTranslation(['editor', 'common']);
  const queries = useQueryClient();
  const releases = useQuery({
    queryKey: ['releases', 'open'],
    queryFn: ({ signal }) => listOpenReleases(signal),
    staleTime: 0,
  });
  const [selected, setSelected] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [typed, setTyped] = useState('');
  const [action, setAction] = useState<'publish' | 'unpublish'>('publish');
  const { busy, error, run } = usePlanning(session, onClose);
  const existing = (releases.data ?? []).map((each) => ({ value: String(each.id), label: each.name }));
  const typedName = typed.trim();
  // What was typed for want of such a release is the name of a new one.
  const offered = selected !== NEW && !existing.some(({ label }) => label === typedName) ? typedName : '';
  const choose = (value: string | null) => {
    setSelected(value);
    if (value === NEW) setName(offered);
  };
  const add = async () => {
    const id = selected === NEW ? (await makeRelease(name.trim())).id : Number(selected);
    await addToRelease(id, subject, action);
    void queries.invalidateQueries({ queryKey: ['releases'] });
    announce(t('release.added'));
  };
  return (
    <FormDialog
      title={t('release.title')}
      onClose={onClose}
      onSubmit={() => void run(add)}
      pending={busy}
      error={error ?? releases.error}
      submit={t('release.do')}
      disabled={
        selected === null ? t('release.choose') : selected === NEW && name.trim() === '' && t('common:missing.name')
      }
    >
      <Select
        data-autofocus
        label={t('release.which')}
        searchable
        allowDeselect={false}
        value={selected}
        onChange={choose}
        onSearchChange={setTyped}
        data={[...existing, { value: NEW, label: offered ? t('release.create', { name: offered }) : t('release.new') }]}
        filter={keepNew}
      />
      {selected === NEW && (
        <TextInput
          required
          label={t('release.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <PublicationChoice value={action} onChange={setAction} />
    </FormDialog>
  );
}
