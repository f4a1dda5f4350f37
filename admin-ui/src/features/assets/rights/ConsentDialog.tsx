import { Autocomplete, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeConsent, type Consent, recordQuery, withdrawConsent } from '@/api/assetRights';
import { ASSETS_KEY } from '@/api/assets';
import { TypeToConfirmDialog } from '@/features/settings';
import { announce } from '@/ui/live';
import { RecordDialog } from './RecordDialog';

/** Changes a consent, for all files that show the person. */
export function ConsentDialog({ consent, onClose }: { consent: Consent; onClose: () => void }) {
  const { t } = useTranslation('media');
  const [draft, setDraft] = useState(consent);
  const change = (part: Partial<Consent>): void => setDraft({ ...draft, ...part });
  return (
    <RecordDialog
      kind="consents"
      id={consent.id}
      title={t('rights.editConsent')}
      onClose={onClose}
      notes={draft.notes}
      onNotes={(notes) => change({ notes })}
      save={() => {
        const { person, kind, givenAt, evidence, notes, version } = draft;
        return changeConsent(consent.id, { person: person.trim(), kind, givenAt, evidence, notes, version });
      }}
    >
      {(wrong) => (
        <>
          <TextInput
            label={t('rights.person')}
            value={draft.person}
            onChange={(event) => change({ person: event.currentTarget.value })}
            error={wrong('person')}
            data-autofocus
            required
          />
          <Autocomplete
            label={t('rights.to')}
            data={['portrait', 'voice']}
            value={draft.kind}
            onChange={(kind) => change({ kind })}
            error={wrong('kind')}
          />
          <TextInput
            type="date"
            label={t('rights.given')}
            description={t('rights.givenHint')}
            value={draft.givenAt?.slice(0, 10) ?? ''}
            onChange={(event) => change({ givenAt: event.currentTarget.value || null })}
            error={wrong('givenAt')}
          />
        </>
      )}
    </RecordDialog>
  );
}

/** Asks before a consent is withdrawn: what shows the person is gone for readers at once, and it cannot be taken back. */
export function WithdrawDialog({ consent, onClose }: { consent: Consent; onClose: () => void }) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const files = useQuery(recordQuery('consents', consent.id)).data?.assetsTotal;
  return (
    <TypeToConfirmDialog
      opened
      onClose={onClose}
      title={t('rights.withdrawTitle', { person: consent.person })}
      word={consent.person}
      action={t('rights.withdraw')}
      onConfirm={async () => {
        const hit = await withdrawConsent(consent.id);
        announce(t('rights.hit', { count: hit.assetsTotal }));
        await queries.invalidateQueries({ queryKey: ASSETS_KEY });
      }}
    >
      {t('rights.withdrawText', { count: files ?? 0 })}
    </TypeToConfirmDialog>
  );
}
