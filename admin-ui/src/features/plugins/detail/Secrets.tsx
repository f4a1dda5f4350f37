import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type PluginDetail, removeSecret, setSecret } from '@/api/plugins';
import { Section, StateBadge, useHasPermission } from '@/features/settings';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';

/** What a plugin uses and never sees. Nobody can read it again, so all that can be said is that it is there. */
export function Secrets({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation('plugin');
  return (
    <Section title={t('secrets.title')} lead={t('secrets.lead')}>
      <Stack gap="sm" component="ul" aria-label={t('secrets.title')} m={0} p={0} style={{ listStyle: 'none' }}>
        {plugin.secrets.map((secret) => (
          <Secret key={secret.name} plugin={plugin.id} {...secret} />
        ))}
      </Stack>
    </Section>
  );
}

type SecretProps = { plugin: string } & PluginDetail['secrets'][number];

function Secret({ plugin, name, set, isAddress, host }: SecretProps) {
  const { t } = useTranslation(['plugin', 'common']);
  const queries = useQueryClient();
  const manage = useHasPermission('plugins.manage');
  const [asking, setAsking] = useState<'set' | 'remove'>();
  const [value, setValue] = useState('');
  const close = (): void => {
    setAsking(undefined);
    // It is not kept in the page any longer than it has to be.
    setValue('');
  };
  const change = useMutation({
    mutationFn: () => (asking === 'remove' ? removeSecret(plugin, name) : setSecret(plugin, name, value)),
    onSuccess: async () => {
      announce(t(asking === 'remove' ? 'secrets.isRemoved' : 'secrets.isSet', { name }));
      close();
      await queries.invalidateQueries({ queryKey: ['plugins', plugin] });
    },
  });
  return (
    <Group component="li" justify="space-between" gap="xs">
      <Group gap="xs">
        <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Text>
        <StateBadge tone={set ? 'good' : 'warning'}>{t(set ? 'secrets.set' : 'secrets.unset')}</StateBadge>
        {host != null && (
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {t('secrets.host', { host })}
          </Text>
        )}
      </Group>
      {manage && (
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            aria-label={t(set ? 'secrets.replaceNamed' : 'secrets.setNamed', { name })}
            onClick={() => setAsking('set')}
          >
            {t(set ? 'secrets.replace' : 'secrets.do')}
          </Button>
          {set && (
            <Button
              size="xs"
              variant="default"
              aria-label={t('secrets.removeNamed', { name })}
              onClick={() => setAsking('remove')}
            >
              {t('common:remove')}
            </Button>
          )}
        </Group>
      )}
      {asking && (
        <FormDialog
          title={t(asking === 'remove' ? 'secrets.removeNamed' : set ? 'secrets.replaceNamed' : 'secrets.setNamed', {
            name,
          })}
          onClose={close}
          onSubmit={() => change.mutate()}
          pending={change.isPending}
          error={change.error}
          disabled={asking === 'set' && value === ''}
          submit={asking === 'remove' ? t('common:remove') : t('common:save')}
          danger={asking === 'remove'}
        >
          {asking === 'remove' ? (
            <Text size="sm">{t('secrets.removeText')}</Text>
          ) : (
            <PasswordInput
              label={t(isAddress ? 'secrets.address' : 'secrets.value')}
              description={t(isAddress ? 'secrets.addressHint' : 'secrets.valueHint')}
              value={value}
              onChange={(event) => setValue(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          )}
        </FormDialog>
      )}
    </Group>
  );
}
