import { Button, Group, List, SegmentedControl, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Consent,
  consentsQuery,
  fileRightsQuery,
  type Licence,
  licencesQuery,
  linkRights,
  makeConsent,
  makeLicence,
} from '@/api/assetRights';
import { ASSETS_KEY } from '@/api/assets';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDate, LOCAL_ZONE } from '@/ui/format';
import { FormDialog } from '@/ui/FormDialog';
import { ConsentDialog, WithdrawDialog } from '../rights/ConsentDialog';
import { FileRules } from '../rights/FileRules';
import { KINDS, LicenceDialog } from '../rights/LicenceDialog';
import { useCanManage } from '../rights/useCanManage';
import { RightsBadge } from '../RightsBadge';

/** The record that a dialog is open for. */
type RecordDialog = { what: 'licence'; record: Licence } | { what: 'consent' | 'withdraw'; record: Consent } | null;

/** Whether a file may be shown, why, and by which licences and consents. */
export function RightsSection({ documentId }: { documentId: string }) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const rights = useQuery(fileRightsQuery(documentId));
  const [adding, setAdding] = useState(false);
  const unlink = useMutation({
    mutationFn: (link: { rights: number[]; consents: number[] }) =>
      linkRights({ ...link, assets: [documentId], mode: 'remove' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ASSETS_KEY }),
  });
  const manages = useCanManage();
  const [editing, setEditing] = useState<RecordDialog>(null);
  const remove = (label: string, link: { rights: number[]; consents: number[] }) =>
    manages && (
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        leftSection={<IconX size={12} aria-hidden />}
        aria-label={t('rights.unlinkOne', { name: label })}
        onClick={() => unlink.mutate(link)}
      >
        {t('rights.unlink')}
      </Button>
    );
  const act = (text: string, name: string, onClick: () => void) =>
    manages && (
      <Button size="compact-sm" variant="subtle" color="gray" aria-label={`${t(text)}: ${name}`} onClick={onClick}>
        {t(text)}
      </Button>
    );
  return (
    <section aria-labelledby="file-rights">
      <Group gap="xs" mb="xs">
        <Title order={3} id="file-rights">
          {t('rights.title')}
        </Title>
        {rights.data && <RightsBadge status={rights.data.status} />}
      </Group>
      {rights.error && <ErrorMessage error={rights.error} retry={() => void rights.refetch()} />}
      {unlink.error && <ErrorMessage error={unlink.error} />}
      {rights.data && (
        <Stack gap="xs" align="flex-start">
          {!rights.data.delivered && (
            <Text size="sm" c="var(--mantine-color-error)">
              {t('rights.notDelivered')}
            </Text>
          )}
          {rights.data.reasons
            .filter((reason) => reason.reason !== 'unknown')
            .map((reason) => (
              <Text size="sm" key={reason.message} lang="en">
                {reason.message}
              </Text>
            ))}
          {rights.data.rights.length + rights.data.consents.length === 0 && (
            <Text size="sm" c="dimmed">
              {t('rights.none')}
            </Text>
          )}
          <List size="sm" spacing={4}>
            {rights.data.rights.map((right) => (
              <List.Item key={`right ${right.id}`}>
                {t('rights.licenceOf', { holder: right.holder, kind: right.licence ?? '' })}
                {right.endsAt && ` · ${t('rights.until', { date: formatDate(right.endsAt) })}`}{' '}
                {act('rights.edit', right.holder, () => setEditing({ what: 'licence', record: right }))}{' '}
                {remove(right.holder, { rights: [right.id], consents: [] })}
              </List.Item>
            ))}
            {rights.data.consents.map((consent) => (
              <List.Item key={`consent ${consent.id}`}>
                {t('rights.consentOf', { person: consent.person })}
                {consent.withdrawnAt && ` · ${t('rights.withdrawn', { date: formatDate(consent.withdrawnAt) })}`}{' '}
                {act('rights.edit', consent.person, () => setEditing({ what: 'consent', record: consent }))}{' '}
                {!consent.withdrawnAt &&
                  act('rights.withdraw', consent.person, () => setEditing({ what: 'withdraw', record: consent }))}{' '}
                {remove(consent.person, { rights: [], consents: [consent.id] })}
              </List.Item>
            ))}
          </List>
          {manages && (
            <Button size="xs" variant="default" onClick={() => setAdding(true)}>
              {t('rights.add')}
            </Button>
          )}
        </Stack>
      )}
      {rights.data && manages && (
        <FileRules key={JSON.stringify(rights.data.settings)} documentId={documentId} settings={rights.data.settings} />
      )}
      {editing?.what === 'licence' && <LicenceDialog licence={editing.record} onClose={() => setEditing(null)} />}
      {editing?.what === 'consent' && <ConsentDialog consent={editing.record} onClose={() => setEditing(null)} />}
      {editing?.what === 'withdraw' && <WithdrawDialog consent={editing.record} onClose={() => setEditing(null)} />}
      {adding && <AddRights documentId={documentId} onClose={() => setAdding(false)} />}
    </section>
  );
}

/** Links a licence or consent that is there, or makes one. */
function AddRights({ documentId, onClose }: { documentId: string; onClose: () => void }) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const licences = useQuery(licencesQuery);
  const consents = useQuery(consentsQuery);
  const [record, setWhat] = useState<'licence' | 'consent'>('licence');
  const [known, setKnown] = useState<string | null>(null);
  const [holder, setWho] = useState('');
  const [kind, setKind] = useState('');
  const [day, setDay] = useState('');
  const save = useMutation({
    mutationFn: async () => {
      const assets = [documentId];
      const id = known === null ? [] : [Number(known)];
      if (known !== null)
        await linkRights({
          rights: record === 'licence' ? id : [],
          consents: record === 'consent' ? id : [],
          assets,
          mode: 'add',
        });
      else if (record === 'licence')
        await makeLicence({
          holder: holder.trim(),
          ...(kind ? { licence: kind } : {}),
          ...(day ? { end: day, zone: LOCAL_ZONE } : {}),
          assets,
        });
      else await makeConsent({ person: holder.trim(), ...(day ? { givenAt: day } : {}), assets });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ASSETS_KEY });
      onClose();
    },
  });
  const list =
    record === 'licence'
      ? (licences.data ?? []).map((each) => ({
          value: String(each.id),
          label: [each.holder, each.licence, each.end].filter(Boolean).join(' · '),
        }))
      : (consents.data ?? []).map((each) => ({
          value: String(each.id),
          label: [each.person, each.kind].filter(Boolean).join(' · '),
        }));
  return (
    <FormDialog
      title={t('rights.add')}
      onClose={onClose}
      onSubmit={() => {
        if (known !== null || holder.trim()) save.mutate();
      }}
      pending={save.isPending}
      error={save.error}
      submit={t('rights.link')}
    >
      <SegmentedControl
        aria-label={t('rights.what')}
        value={record}
        onChange={(value) => {
          setWhat(value as 'licence' | 'consent');
          setKnown(null);
        }}
        data={(['licence', 'consent'] as const).map((value) => ({ value, label: t(`rights.${value}`) }))}
      />
      {list.length > 0 && (
        <Select label={t('rights.known')} searchable clearable data={list} value={known} onChange={setKnown} />
      )}
      {known === null && (
        <>
          <TextInput
            required
            label={t(record === 'licence' ? 'rights.holder' : 'rights.person')}
            value={holder}
            onChange={(event) => setWho(event.currentTarget.value)}
          />
          {record === 'licence' && (
            <Select
              label={t('rights.kind')}
              clearable
              data={KINDS}
              value={kind || null}
              onChange={(value) => setKind(value ?? '')}
            />
          )}
          <TextInput
            type="date"
            label={t(record === 'licence' ? 'rights.end' : 'rights.given')}
            value={day}
            onChange={(event) => setDay(event.currentTarget.value)}
          />
        </>
      )}
    </FormDialog>
  );
}
