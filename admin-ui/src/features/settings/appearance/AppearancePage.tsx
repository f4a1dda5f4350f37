import { ColorPicker, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  saveSenderSettings,
  saveThemeSettings,
  senderSettingsQuery,
  type ThemeSettings,
  themeSettingsQuery,
} from '@/api/projectSettings';
import { useSession } from '@/api/session';
import { PageTitle } from '@/ui/PageTitle';
import { OptionalTimeZoneSelect } from '@/ui/TimeZoneSelect';
import { changedSettings, emptyToNull } from '../parts/changedSettings';
import { problemAt } from '../parts/problems';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { SettingsForm } from '../parts/SettingsForm';
import { useHasPermission } from '../parts/useHasPermission';
import { ContrastChecks } from './ContrastChecks';
import { PictureInput } from './PictureInput';
import { Preview } from './Preview';

/** The name, pictures and colour of the project, for everybody. */
export default function AppearancePage() {
  const { t } = useTranslation('project');
  const theme = useQuery(themeSettingsQuery);
  const { tenant } = useSession();
  // The project is called as the sender of its mails.
  const mayName = useHasPermission('settings.mail');
  const sender = useQuery({ ...senderSettingsQuery, enabled: mayName });
  return (
    <Stack gap="md" maw={860}>
      <PageTitle title={t('appearance.title')}>
        <Text size="sm" c="dimmed">
          {t('appearance.lead')}
        </Text>
      </PageTitle>
      <QueryState query={theme}>
        {(stored) =>
          mayName && !sender.data && !sender.error ? null : (
            <AppearanceForm
              stored={{ ...stored, name: sender.data?.fromName ?? null }}
              mayName={Boolean(sender.data)}
              called={tenant.displayName}
            />
          )
        }
      </QueryState>
    </Stack>
  );
}

type AppearanceDraft = ThemeSettings & { name: string | null };

const ACCENTS = ['#1c6a6d', '#0b57a4', '#5f3dc4', '#a61e4d', '#c92a2a', '#b35309', '#2b8a3e', '#343a40'];

function AppearanceForm({ stored, mayName, called }: { stored: AppearanceDraft; mayName: boolean; called: string }) {
  const { t } = useTranslation(['project', 'settings']);
  const queries = useQueryClient();
  const [lastSaved, setLastSaved] = useState(stored);
  const [draft, setDraft] = useState(stored);
  const change = (part: Partial<AppearanceDraft>): void => setDraft({ ...draft, ...part });
  const { name, ...themeChanges } = changedSettings(lastSaved, draft);
  const save = useMutation({
    mutationFn: async () => {
      if (Object.keys(themeChanges).length > 0) {
        const theme = await saveThemeSettings(themeChanges);
        queries.setQueryData(themeSettingsQuery.queryKey, theme);
        // What is kept is kept, should the name be refused.
        setLastSaved((before) => ({ ...before, ...theme }));
        setDraft((before) => ({ ...before, ...theme }));
      }
      if (name !== undefined) {
        const sender = await saveSenderSettings({ fromName: name });
        queries.setQueryData(senderSettingsQuery.queryKey, sender);
        setLastSaved((before) => ({ ...before, name: sender.fromName }));
        setDraft((before) => ({ ...before, name: sender.fromName }));
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['session'] }),
  });
  const previewName = draft.name ?? called;
  return (
    <SettingsForm
      onSubmit={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
      saved={save.isSuccess}
      dirty={JSON.stringify(lastSaved) !== JSON.stringify(draft)}
    >
      <Section title={t('project:appearance.identity')}>
        <Stack gap="sm">
          <TextInput
            label={t('project:appearance.name')}
            description={t(mayName ? 'project:appearance.nameHint' : 'project:appearance.nameFixed')}
            value={mayName ? (draft.name ?? '') : called}
            placeholder={mayName && lastSaved.name === null ? called : undefined}
            readOnly={!mayName}
            maxLength={100}
            onChange={(event) => change({ name: emptyToNull(event.currentTarget.value) })}
            error={problemAt(save.error, 'fromName')}
          />
          <PictureInput
            label={t('project:appearance.logo')}
            hint={t('project:appearance.logoHint')}
            value={draft.logo}
            onChange={(logo) => change({ logo })}
            error={problemAt(save.error, 'logo')}
          />
          <PictureInput
            label={t('project:appearance.favicon')}
            hint={t('project:appearance.faviconHint')}
            value={draft.favicon}
            onChange={(favicon) => change({ favicon })}
            error={problemAt(save.error, 'favicon')}
          />
          <OptionalTimeZoneSelect
            label={t('project:appearance.zone')}
            description={t('project:appearance.zoneHint')}
            placeholder="UTC"
            value={draft.zone}
            onChange={(zone) => change({ zone })}
            error={problemAt(save.error, 'zone')}
            maw={360}
          />
        </Stack>
      </Section>
      <Section title={t('project:appearance.colour')} lead={t('project:appearance.colourLead')}>
        <Stack gap="sm">
          <Group align="flex-start">
            <TextInput
              label={t('project:appearance.accent')}
              description={t('project:appearance.accentHint')}
              placeholder="#1c6a6d"
              value={draft.accent ?? ''}
              onChange={(event) => change({ accent: emptyToNull(event.currentTarget.value) })}
              error={problemAt(save.error, 'accent')}
              maxLength={7}
              w={240}
            />
            <ColorPicker
              format="hex"
              size="sm"
              value={draft.accent ?? ACCENTS[0]}
              onChange={(accent) => change({ accent })}
              saturationLabel={t('project:appearance.saturation')}
              hueLabel={t('project:appearance.hue')}
              swatches={ACCENTS}
              swatchesPerRow={8}
            />
          </Group>
          {draft.accent && <ContrastChecks accent={draft.accent} />}
          <Group align="stretch">
            <Preview scheme="light" accent={draft.accent} logo={draft.logo} name={previewName} />
            <Preview scheme="dark" accent={draft.accent} logo={draft.logo} name={previewName} />
          </Group>
        </Stack>
      </Section>
    </SettingsForm>
  );
}
