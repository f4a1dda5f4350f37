import { Button, Code, CopyButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type PluginDetail, removeSigningKey, setSigningKey } from '@/api/plugins';
import { Section, StateBadge, useHasPermission } from '@/features/settings';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';

type SigningKeyState = PluginDetail['signingKeys'][number];
type Change = 'generate' | 'import' | 'remove';

/** What a plugin signs with and never sees. Of each key the public half can be copied, for whoever verifies. */
export function SigningKeys({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation('plugin');
  return (
    <Section title={t('signingKeys.title')} lead={t('signingKeys.lead')}>
      <Stack gap="md" component="ul" aria-label={t('signingKeys.title')} m={0} p={0} style={{ listStyle: 'none' }}>
        {plugin.signingKeys.map((signingKey) => (
          <SigningKey key={signingKey.name} plugin={plugin.id} signingKey={signingKey} />
        ))}
      </Stack>
    </Section>
  );
}

function SigningKey({ plugin, signingKey }: { plugin: string; signingKey: SigningKeyState }) {
  const { t } = useTranslation(['plugin', 'common']);
  const manage = useHasPermission('plugins.manage');
  const [asking, setAsking] = useState<Change>();
  const { title, algorithm, current, earlier, usable } = signingKey;
  const state = usable ? 'set' : current ? 'unusable' : 'unset';
  return (
    <Stack component="li" gap={4}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Text>
          <Text size="sm" c="dimmed">
            {algorithm.toUpperCase()}
          </Text>
          <StateBadge tone={usable ? 'good' : 'warning'}>{t(`signingKeys.${state}`)}</StateBadge>
        </Group>
        {manage && (
          <Group gap="xs">
            {(['generate', 'import', ...(current ? (['remove'] as const) : [])] as const).map((change) => (
              <Button
                key={change}
                size="xs"
                variant="default"
                aria-label={t(`signingKeys.${change}Named`, { title })}
                onClick={() => setAsking(change)}
              >
                {change === 'remove' ? t('common:remove') : t(`signingKeys.${change}`)}
              </Button>
            ))}
          </Group>
        )}
      </Group>
      {current && (
        <>
          <Group gap="xs">
            <Text size="sm">{t('signingKeys.id')}</Text>
            <Code style={{ overflowWrap: 'anywhere' }}>{current.kid}</Code>
          </Group>
          <Group gap="xs">
            <CopyPart label={t('signingKeys.copyPem')} value={current.pem} />
            <CopyPart label={t('signingKeys.copyJwk')} value={JSON.stringify(current.jwk, null, 2)} />
          </Group>
        </>
      )}
      {earlier.length > 0 && (
        <Text size="sm" c="dimmed">
          {t('signingKeys.earlier', { count: earlier.length })}
        </Text>
      )}
      {asking && (
        <ChangeDialog plugin={plugin} signingKey={signingKey} change={asking} onClose={() => setAsking(undefined)} />
      )}
    </Stack>
  );
}

function CopyPart({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation('common');
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button size="xs" variant="default" onClick={copy}>
          {copied ? t('copied') : label}
        </Button>
      )}
    </CopyButton>
  );
}

interface ChangeDialogProps {
  plugin: string;
  signingKey: SigningKeyState;
  change: Change;
  onClose: () => void;
}

function ChangeDialog({ plugin, signingKey: { name, title, current }, change, onClose }: ChangeDialogProps) {
  const { t } = useTranslation(['plugin', 'common']);
  const queries = useQueryClient();
  // It goes with the dialog: it is not kept in the page any longer than it has to be.
  const [pem, setPem] = useState('');
  const save = useMutation({
    mutationFn: () =>
      change === 'remove'
        ? removeSigningKey(plugin, name)
        : setSigningKey(plugin, name, change === 'import' ? pem : null),
    onSuccess: async () => {
      announce(t(change === 'remove' ? 'signingKeys.isRemoved' : 'signingKeys.isSet', { title }));
      onClose();
      await queries.invalidateQueries({ queryKey: ['plugins', plugin] });
    },
  });
  return (
    <FormDialog
      title={t(`signingKeys.${change}Named`, { title })}
      onClose={onClose}
      onSubmit={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
      disabled={change === 'import' && pem.trim() === ''}
      submit={change === 'remove' ? t('common:remove') : t(`signingKeys.${change}`)}
      danger={change === 'remove'}
    >
      <Stack gap="sm">
        {change === 'import' && (
          <Textarea
            label={t('signingKeys.pem')}
            description={t('signingKeys.pemHint')}
            value={pem}
            onChange={(event) => setPem(event.currentTarget.value)}
            minRows={6}
            autosize
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        )}
        <Text size="sm">
          {change === 'remove'
            ? t('signingKeys.removeText')
            : t(current ? 'signingKeys.replaceText' : 'signingKeys.newText')}
        </Text>
      </Stack>
    </FormDialog>
  );
}
