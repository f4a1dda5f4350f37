import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type FileRights, fileRightsQuery, setFileRights, type UnlinkedPolicy } from '@/api/assetRights';
import { ASSETS_KEY } from '@/api/assets';
import { peopleQuery } from '@/api/users';
import { problemAt } from '@/features/settings';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { LOCAL_ZONE } from '@/ui/format';
import { announce } from '@/ui/live';
import { UNLINKED_POLICIES } from './unlinkedPolicies';

interface Props {
  documentId: string;
  settings: FileRights['settings'];
}

/** What holds for one file alone: from when on it may be shown, who answers for it, and what it means that nothing is linked. */
export function FileRules({ documentId, settings }: Props) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const people = useQuery(peopleQuery).data ?? [];
  const embargo = settings.embargoUntil;
  const [until, setUntil] = useState(embargo?.local ?? '');
  const [owner, setOwner] = useState(settings.owner);
  const [policy, setPolicy] = useState(settings.policy);
  // A time is one where it is said; where it was said before, there.
  const zone = embargo?.zone ?? LOCAL_ZONE;
  const [day, time] = [until.slice(0, 10), until.slice(11, 16)];
  const save = useMutation({
    mutationFn: () =>
      setFileRights(documentId, {
        ...(until === (embargo?.local ?? '') ? {} : { embargoUntil: until ? { local: until, zone } : null }),
        ...(owner === settings.owner ? {} : { owner }),
        ...(policy === settings.policy ? {} : { policy }),
      }),
    onSuccess: async (saved) => {
      queries.setQueryData(fileRightsQuery(documentId).queryKey, saved);
      announce(t('saved'));
      await queries.invalidateQueries({ queryKey: ASSETS_KEY });
    },
  });
  const dirty = until !== (embargo?.local ?? '') || owner !== settings.owner || policy !== settings.policy;
  const clear = { 'aria-label': t('rights.clear') };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="xs">
        {save.error && <ErrorMessage error={save.error} />}
        <Group align="flex-end" gap="xs">
          <TextInput
            type="date"
            label={t('rights.embargo')}
            value={day}
            onChange={(event) =>
              setUntil(event.currentTarget.value ? event.currentTarget.value + (time ? `T${time}` : '') : '')
            }
            error={problemAt(save.error, 'embargoUntil')}
          />
          <TextInput
            type="time"
            label={t('rights.embargoTime')}
            value={time}
            disabled={!day}
            onChange={(event) => setUntil(event.currentTarget.value ? `${day}T${event.currentTarget.value}` : day)}
          />
          {until && (
            <Button variant="subtle" onClick={() => setUntil('')}>
              {t('rights.noEmbargo')}
            </Button>
          )}
        </Group>
        <Text size="xs" c="dimmed">
          {t('rights.embargoHint', { zone })}
        </Text>
        <Select
          label={t('rights.owner')}
          description={t('rights.ownerHint')}
          data={people.map((one) => ({ value: String(one.id), label: one.name }))}
          value={owner ? String(owner) : null}
          onChange={(next) => setOwner(next ? Number(next) : null)}
          error={problemAt(save.error, 'owner')}
          searchable
          clearable
          clearButtonProps={clear}
        />
        <Select
          label={t('policy.thisFile')}
          placeholder={t('policy.asElsewhere')}
          data={UNLINKED_POLICIES.map((value) => ({ value, label: t(`policy.is.${value}`) }))}
          value={policy}
          onChange={(next) => setPolicy((next as UnlinkedPolicy | null) ?? null)}
          error={problemAt(save.error, 'policy')}
          clearable
          clearButtonProps={clear}
        />
        <Group>
          <Button type="submit" size="xs" variant="default" loading={save.isPending} disabled={!dirty}>
            {t('rights.saveRules')}
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {save.isSuccess && !dirty && t('saved')}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
