import { Autocomplete, Group, TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeLicence, type Licence } from '@/api/assetRights';
import { LOCAL_ZONE } from '@/ui/format';
import { RecordDialog } from './RecordDialog';

export const KINDS = ['owned', 'licensed', 'cc0', 'cc-by', 'model-release'];

/** Changes a licence, for all files that it is for. What the form does not show stays. */
export function LicenceDialog({ licence, onClose }: { licence: Licence; onClose: () => void }) {
  const { t } = useTranslation('media');
  const [draft, setDraft] = useState(licence);
  const change = (part: Partial<Licence>): void => setDraft({ ...draft, ...part });
  return (
    <RecordDialog
      kind="rights"
      id={licence.id}
      title={t('rights.editLicence')}
      onClose={onClose}
      notes={draft.notes}
      onNotes={(notes) => change({ notes })}
      save={() => {
        const {
          holder,
          licence: kind,
          channels,
          territories,
          products,
          start,
          end,
          evidence,
          cost,
          currency,
          notes,
          version,
        } = draft;
        // A day is of a zone; that of who says it first.
        const zone = start || end ? (draft.zone ?? LOCAL_ZONE) : null;
        return changeLicence(licence.id, {
          holder: holder.trim(),
          licence: kind,
          channels,
          territories,
          products,
          start,
          end,
          zone,
          evidence,
          cost,
          currency,
          notes,
          version,
        });
      }}
    >
      {(wrong) => (
        <>
          <TextInput
            label={t('rights.holder')}
            value={draft.holder}
            onChange={(event) => change({ holder: event.currentTarget.value })}
            error={wrong('holder')}
            data-autofocus
            required
          />
          <Autocomplete
            label={t('rights.kind')}
            data={KINDS}
            value={draft.licence}
            onChange={(kind) => change({ licence: kind })}
            error={wrong('licence')}
          />
          <Group grow align="flex-start">
            <DayInput
              label={t('rights.start')}
              value={draft.start}
              onChange={(start) => change({ start })}
              error={wrong('start')}
            />
            <DayInput
              label={t('rights.end')}
              value={draft.end}
              onChange={(end) => change({ end })}
              error={wrong('end')}
            />
          </Group>
          {(['channels', 'territories', 'products'] as const).map((name) => (
            <TagsInput
              key={name}
              label={t(`rights.${name}`)}
              placeholder={draft[name].length > 0 ? undefined : t('rights.every')}
              value={draft[name]}
              onChange={(list) => change({ [name]: list })}
              error={wrong(name)}
            />
          ))}
          <Group grow align="flex-start">
            <TextInput
              label={t('rights.cost')}
              inputMode="decimal"
              value={draft.cost ?? ''}
              onChange={(event) => change({ cost: event.currentTarget.value || null })}
              error={wrong('cost')}
            />
            <TextInput
              label={t('rights.currency')}
              maxLength={3}
              placeholder="EUR"
              value={draft.currency ?? ''}
              onChange={(event) => change({ currency: event.currentTarget.value.toUpperCase() || null })}
              error={wrong('currency')}
            />
          </Group>
        </>
      )}
    </RecordDialog>
  );
}

/** A day; where somebody said a time as well, that stays until the day is changed. */
function DayInput({
  label,
  value,
  onChange,
  error,
}: {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
  error?: string;
}) {
  const time = value?.slice(10);
  return (
    <TextInput
      type="date"
      label={label}
      description={time ? time.slice(1) : undefined}
      value={value?.slice(0, 10) ?? ''}
      onChange={(event) => onChange(event.currentTarget.value ? `${event.currentTarget.value}${time ?? ''}` : null)}
      error={error}
    />
  );
}
