import { Alert, Badge, Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeChoices, type PluginDetail, pluginQuery } from '@/api/plugins';
import { problemAt, Section, SettingsForm, useHasPermission } from '@/features/settings';
import { ChoiceFields } from './ChoiceFields';
import { type ChoiceConsent, chosenValues, consentOf } from './chosen';

/** The choices of a plugin, and a form to change them. Where it may do more afterwards, that is agreed to first. */
export function ChoiceSection({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation('plugin');
  const queries = useQueryClient();
  const manage = useHasPermission('plugins.manage');
  const stored = chosenValues(plugin.choices);
  const [draft, setDraft] = useState(stored);
  const save = useMutation({
    mutationFn: (agreed: string[]) => changeChoices(plugin.id, draft, agreed),
    onSuccess: async (changed) => {
      setDraft(chosenValues(changed.choices));
      queries.setQueryData(pluginQuery(plugin.id).queryKey, changed);
      // Pages and panels of it may show other content.
      await queries.invalidateQueries({ queryKey: ['plugins'] });
    },
  });
  const consent = consentOf(save.error);
  return (
    <Section title={t('choices.title')} lead={t('choices.lead')}>
      <SettingsForm
        onSubmit={() => save.mutate([])}
        pending={save.isPending}
        error={consent ? null : save.error}
        saved={save.isSuccess}
        dirty={JSON.stringify(draft) !== JSON.stringify(stored)}
        readOnly={!manage}
      >
        <ChoiceFields
          choices={plugin.choices}
          values={draft}
          disabled={!manage || save.isPending}
          onChange={(name, values) => setDraft({ ...draft, [name]: values })}
          problemAt={(name) => problemAt(save.error, `choices.${name}`)}
          marksNew
        />
      </SettingsForm>
      {consent && (
        <ConsentDialog
          consent={consent}
          pending={save.isPending}
          onCancel={() => save.reset()}
          onAgree={() => save.mutate([...consent.widened, ...consent.opened])}
        />
      )}
    </Section>
  );
}

interface ConsentProps {
  consent: ChoiceConsent;
  pending: boolean;
  onCancel: () => void;
  onAgree: () => void;
}

function ConsentDialog({ consent, pending, onCancel, onAgree }: ConsentProps) {
  const { t } = useTranslation(['plugin', 'common']);
  return (
    <Modal
      opened
      onClose={onCancel}
      title={t('choices.agreeTitle')}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      <Stack gap="md">
        {consent.widened.length > 0 && (
          <div>
            <Text size="sm">{t('choices.widened')}</Text>
            <List size="sm" spacing={4} mt="xs">
              {consent.widened.map((sentence) => (
                <List.Item key={sentence} style={{ overflowWrap: 'anywhere' }}>
                  {sentence}{' '}
                  <Badge color="yellow" variant="light" c="var(--mantine-color-text)">
                    {t('new')}
                  </Badge>
                </List.Item>
              ))}
            </List>
          </div>
        )}
        {consent.opened.length > 0 && (
          <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title={t('choices.openedTitle')}>
            {t('choices.opened', { types: consent.opened.join(', ') })}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel} data-autofocus>
            {t('common:cancel')}
          </Button>
          <Button onClick={onAgree} loading={pending}>
            {t('choices.agree')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
