import { Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type PluginDetail, type PluginSettings, pluginSettingsQuery, saveSettings } from '@/api/plugins';
import { problemAt, QueryState, Section, SettingsForm, useHasPermission } from '@/features/settings';
import { isSchema } from '../schema/schema';
import { SchemaForm } from '../schema/SchemaForm';
import { Secrets } from './Secrets';
import { SigningKeys } from './SigningKeys';

/** What can be set of a plugin: the form of its schema, and its secrets. */
export function SettingsTab({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation('plugin');
  const settings = useQuery({ ...pluginSettingsQuery(plugin.id), enabled: plugin.hasSettings });
  return (
    <Stack gap="md" maw={720}>
      {plugin.hasSettings && (
        <Section title={t('settings.title')}>
          <QueryState query={settings}>{(found) => <Form plugin={plugin.id} stored={found} />}</QueryState>
        </Section>
      )}
      {plugin.secrets.length > 0 && <Secrets plugin={plugin} />}
      {plugin.signingKeys.length > 0 && <SigningKeys plugin={plugin} />}
    </Stack>
  );
}

function Form({ plugin, stored }: { plugin: string; stored: PluginSettings }) {
  const queries = useQueryClient();
  const manage = useHasPermission('plugins.manage');
  const [lastSaved, setLastSaved] = useState(stored);
  const [draft, setDraft] = useState(stored.values);
  const save = useMutation({
    mutationFn: () => saveSettings(plugin, draft),
    onSuccess: (saved) => {
      setLastSaved(saved);
      setDraft(saved.values);
      queries.setQueryData(pluginSettingsQuery(plugin).queryKey, saved);
    },
  });
  const schema = lastSaved.schema;
  return (
    <SettingsForm
      onSubmit={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
      saved={save.isSuccess}
      dirty={JSON.stringify(draft) !== JSON.stringify(lastSaved.values)}
      readOnly={!manage}
    >
      <SchemaForm
        schema={isSchema(schema) ? schema : { type: 'object' }}
        value={draft}
        effective={lastSaved.effective}
        onChange={setDraft}
        problemAt={(path) => problemAt(save.error, path) ?? problemAt(save.error, `values.${path}`)}
        disabled={!manage}
      />
    </SettingsForm>
  );
}
