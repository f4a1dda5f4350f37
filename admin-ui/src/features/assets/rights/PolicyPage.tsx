import { ActionIcon, Button, Group, NumberInput, Radio, Select, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type RightsPolicy, rightsPolicyQuery, saveRightsPolicy, type UnlinkedPolicy } from '@/api/assetRights';
import { ASSETS_KEY, type AssetKind, folderLabel, foldersQuery } from '@/api/assets';
import { problemAt, QueryState, Section, SettingsForm, TextLink, useSettings } from '@/features/settings';
import { PageTitle } from '@/ui/PageTitle';
import { expiringAddress } from '../addresses';
import { UNLINKED_POLICIES } from './unlinkedPolicies';
import { useCanManage } from './useCanManage';

const KINDS: readonly AssetKind[] = ['image', 'video', 'audio', 'document', 'model', 'other'];

/** What it means that nothing is linked to a file, by folder and kind, and when people are told that a licence ends. */
export default function PolicyPage() {
  const { t } = useTranslation('media');
  const policy = useQuery(rightsPolicyQuery);
  return (
    <Stack gap="md" maw={760}>
      <PageTitle title={t('policy.title')}>
        <Text size="sm" c="dimmed">
          {t('policy.lead')}{' '}
          <TextLink inText {...expiringAddress.to({})}>
            {t('policy.reports')}
          </TextLink>
        </Text>
      </PageTitle>
      <QueryState query={policy}>{(found) => <PolicyEditor stored={found} />}</QueryState>
    </Stack>
  );
}

/** Folders and kinds as one value each: they are sent whole, and to take one away is a change. */
interface FlatPolicy {
  unknown: UnlinkedPolicy;
  expiringDays: number;
  folders: string;
  kinds: string;
}

function flattenPolicy({ unknown, expiringDays, folders, kinds }: RightsPolicy): FlatPolicy {
  return { unknown, expiringDays, folders: JSON.stringify(folders), kinds: JSON.stringify(kinds) };
}

async function savePolicy({ folders, kinds, ...rest }: Partial<FlatPolicy>): Promise<FlatPolicy> {
  return flattenPolicy(
    await saveRightsPolicy({
      ...rest,
      ...(folders === undefined ? {} : { folders: JSON.parse(folders) as RightsPolicy['folders'] }),
      ...(kinds === undefined ? {} : { kinds: JSON.parse(kinds) as RightsPolicy['kinds'] }),
    }),
  );
}

function withoutKey<Value>(map: Record<string, Value>, key: string): Record<string, Value> {
  const { [key]: _gone, ...rest } = map;
  return rest;
}

function PolicyEditor({ stored }: { stored: RightsPolicy }) {
  const { t } = useTranslation(['media', 'settings']);
  const queries = useQueryClient();
  const manages = useCanManage();
  const folders = useQuery(foldersQuery).data ?? [];
  const { draft, change, dirty, save } = useSettings(
    flattenPolicy(stored),
    ['assets', 'policy', 'flat'],
    savePolicy,
    () => queries.invalidateQueries({ queryKey: ASSETS_KEY }),
  );
  const byFolder = JSON.parse(draft.folders) as RightsPolicy['folders'];
  const byKind = JSON.parse(draft.kinds) as RightsPolicy['kinds'];
  const setFolders = (next: RightsPolicy['folders']): void => change({ folders: JSON.stringify(next) });
  const setKinds = (next: RightsPolicy['kinds']): void => change({ kinds: JSON.stringify(next) });
  const [adding, setAdding] = useState<string | null>(null);
  const nameOf = (id: string): string =>
    folders.filter((one) => String(one.id) === id).map(folderLabel)[0] ?? t('media:policy.goneFolder', { id });
  const choices = UNLINKED_POLICIES.map((value) => ({ value, label: t(`media:policy.is.${value}`) }));
  return (
    <SettingsForm
      onSubmit={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
      saved={save.isSuccess}
      dirty={dirty}
      readOnly={!manages}
    >
      {!manages && <Text size="sm">{t('media:policy.readOnly')}</Text>}
      <Section title={t('media:policy.unknown')} lead={t('media:policy.unknownLead')}>
        <Radio.Group
          aria-label={t('media:policy.unknown')}
          value={draft.unknown}
          onChange={(unknown) => change({ unknown: unknown as UnlinkedPolicy })}
          error={problemAt(save.error, 'unknown')}
        >
          <Stack gap="xs">
            {UNLINKED_POLICIES.map((value) => (
              <Radio
                key={value}
                value={value}
                label={t(`media:policy.is.${value}`)}
                description={t(`media:policy.hint.${value}`)}
                disabled={!manages}
              />
            ))}
          </Stack>
        </Radio.Group>
      </Section>
      <Section title={t('media:policy.kinds')} lead={t('media:policy.kindsLead')}>
        <Group gap="sm">
          {KINDS.map((kind) => (
            <Select
              key={kind}
              label={t(`media:kind.${kind}`)}
              placeholder={t('media:policy.asAbove')}
              data={choices}
              value={byKind[kind] ?? null}
              onChange={(value) =>
                setKinds(value ? { ...byKind, [kind]: value as UnlinkedPolicy } : withoutKey(byKind, kind))
              }
              disabled={!manages}
              clearable
              clearButtonProps={{ 'aria-label': t('settings:form.clear') }}
              w={210}
            />
          ))}
        </Group>
      </Section>
      <Section title={t('media:policy.folders')} lead={t('media:policy.foldersLead')}>
        <Stack gap="sm">
          {Object.entries(byFolder).map(([id, value]) => (
            <Group key={id} gap="xs" align="flex-end">
              <Select
                label={nameOf(id)}
                data={choices}
                value={value}
                onChange={(next) => next && setFolders({ ...byFolder, [id]: next as UnlinkedPolicy })}
                disabled={!manages}
                allowDeselect={false}
                w={240}
              />
              {manages && (
                <ActionIcon
                  variant="default"
                  size={32}
                  aria-label={t('media:policy.removeFolder', { name: nameOf(id) })}
                  onClick={() => setFolders(withoutKey(byFolder, id))}
                >
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              )}
            </Group>
          ))}
          {manages && (
            <Group gap="xs" align="flex-end">
              <Select
                label={t('media:folder.one')}
                data={folders
                  .filter((one) => !(String(one.id) in byFolder))
                  .map((one) => ({ value: String(one.id), label: folderLabel(one) }))}
                value={adding}
                onChange={setAdding}
                searchable
                w={240}
              />
              <Button
                variant="default"
                disabled={!adding}
                onClick={() => {
                  if (adding) setFolders({ ...byFolder, [adding]: 'block' });
                  setAdding(null);
                }}
              >
                {t('media:policy.addFolder')}
              </Button>
            </Group>
          )}
        </Stack>
      </Section>
      <NumberInput
        label={t('media:policy.days')}
        description={t('media:policy.daysHint')}
        min={0}
        max={366}
        allowDecimal={false}
        value={draft.expiringDays}
        onChange={(days) => change({ expiringDays: Math.max(0, Math.round(Number(days)) || 0) })}
        error={problemAt(save.error, 'expiringDays')}
        disabled={!manages}
        maw={240}
      />
    </SettingsForm>
  );
}
