import { Select, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addToRelease, listOpenReleases, makeRelease, type Subject } from '@/api/editorial';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';
import { PublicationChoice } from './PublicationChoice';
import type { EntrySession } from './session';
import { usePlanning } from './usePlanning';

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
  const [action, setAction] = useState<'publish' | 'unpublish'>('publish');
  const { busy, error, run } = usePlanning(session, onClose);
  const add = async () => {
    const id = selected === 'new' ? (await makeRelease(name.trim())).id : Number(selected);
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
        selected === null ? t('release.choose') : selected === 'new' && name.trim() === '' && t('common:missing.name')
      }
    >
      <Select
        data-autofocus
        label={t('release.which')}
        searchable
        allowDeselect={false}
        value={selected}
        onChange={setSelected}
        data={[
          ...(releases.data ?? []).map((each) => ({ value: String(each.id), label: each.name })),
          { value: 'new', label: t('release.new') },
        ]}
      />
      {selected === 'new' && (
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
