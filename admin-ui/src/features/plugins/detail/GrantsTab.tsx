import { Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type PluginDetail, pluginQuery, setGrants } from '@/api/plugins';
import { Section, useHasPermission, useUndo } from '@/features/settings';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { ChoiceSection } from '../choices/ChoiceSection';
import { GrantList } from '../GrantList';

/** What a plugin may do. What it can do without can be withheld, and given again. */
export function GrantsTab({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation('plugin');
  const queries = useQueryClient();
  const manage = useHasPermission('plugins.manage');
  const undo = useUndo();
  const before = plugin.grants.filter(({ granted }) => granted).map(({ index }) => index);
  const send = async (grants: number[]): Promise<void> => {
    queries.setQueryData(pluginQuery(plugin.id).queryKey, await setGrants(plugin.id, grants));
  };
  const change = useMutation({
    mutationFn: ({ index, granted }: { index: number; granted: boolean }) =>
      send(granted ? [...before, index].toSorted((a, b) => a - b) : before.filter((one) => one !== index)),
    onSuccess: (_, { granted }) => undo(t(granted ? 'grants.given' : 'grants.taken'), () => send(before)),
  });
  const optional = plugin.grants.some((grant) => grant.optional);
  return (
    <Stack gap="md">
      {plugin.choices.length > 0 && <ChoiceSection plugin={plugin} />}
      <Section title={t('grants.title')} lead={t(optional ? 'grants.lead' : 'grants.leadFixed')}>
        <Stack gap="sm">
          {change.error && <ErrorMessage error={change.error} />}
          {plugin.grants.length === 0 ? (
            <Text size="sm">{t('install.asksNothing')}</Text>
          ) : (
            <GrantList
              label={t('grants.title')}
              lines={plugin.grants}
              disabled={change.isPending}
              onChange={manage ? (index, granted) => change.mutate({ index, granted }) : undefined}
            />
          )}
        </Stack>
      </Section>
    </Stack>
  );
}
