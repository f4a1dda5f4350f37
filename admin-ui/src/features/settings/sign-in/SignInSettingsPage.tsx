import { NumberInput, Radio, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type AuthSettings, authSettingsQuery, saveAuthSettings } from '@/api/projectSettings';
import { contentRolesQuery } from '@/api/roles';
import { sessionQuery } from '@/api/session';
import { PageTitle } from '@/ui/PageTitle';
import { emptyToNull } from '../parts/changedSettings';
import { problemAt } from '../parts/problems';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { SettingsForm } from '../parts/SettingsForm';
import { TextLink } from '../parts/TextLink';
import { useHasPermission } from '../parts/useHasPermission';
import { useSettings } from '../parts/useSettings';

/** Who may register and sign in in the content API, and for how long. */
export default function SignInSettingsPage() {
  const { t } = useTranslation('project');
  const settings = useQuery(authSettingsQuery);
  return (
    <Stack gap="md" maw={760}>
      <PageTitle title={t('signIn.title')}>
        <Text size="sm" c="dimmed">
          {t('signIn.lead')}{' '}
          <TextLink inText to="/settings/users" params={{}} search={{}}>
            {t('signIn.people')}
          </TextLink>
        </Text>
      </PageTitle>
      <QueryState query={settings}>{(found) => <SignInSettingsForm stored={found} />}</QueryState>
    </Stack>
  );
}

function SignInSettingsForm({ stored }: { stored: AuthSettings }) {
  const { t } = useTranslation('project');
  const { draft, change, dirty, save } = useSettings(stored, authSettingsQuery.queryKey, saveAuthSettings);
  const { registration } = draft;
  const register = (part: Partial<typeof registration>): void => change({ registration: { ...registration, ...part } });
  const mails = useQuery(sessionQuery).data?.mail;
  return (
    <SettingsForm
      onSubmit={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
      saved={save.isSuccess}
      dirty={dirty}
    >
      <Section title={t('signIn.registration')} lead={t('signIn.registrationLead')}>
        <Stack gap="md">
          <Switch
            label={t('signIn.open')}
            description={t('signIn.openHint')}
            checked={registration.open}
            onChange={(event) => register({ open: event.currentTarget.checked })}
          />
          <Switch
            label={t('signIn.confirm')}
            description={t(mails === false ? 'signIn.confirmNoMail' : 'signIn.confirmHint')}
            checked={registration.confirmByMail}
            onChange={(event) => register({ confirmByMail: event.currentTarget.checked })}
          />
          <DefaultRole
            value={registration.defaultRole}
            onChange={(defaultRole) => register({ defaultRole })}
            error={problemAt(save.error, 'registration.defaultRole')}
          />
        </Stack>
      </Section>
      <Section title={t('signIn.sessions')} lead={t('signIn.sessionsLead')}>
        <Stack gap="md">
          <Radio.Group
            aria-label={t('signIn.sessions')}
            value={draft.sessions}
            onChange={(sessions) => change({ sessions })}
            error={problemAt(save.error, 'sessions')}
          >
            <Stack gap="xs">
              {['legacy', 'refresh'].map((mode) => (
                <Radio
                  key={mode}
                  value={mode}
                  label={t(`signIn.mode.${mode}`)}
                  description={t(`signIn.modeHint.${mode}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          <Switch
            label={t('signIn.limit')}
            description={t('signIn.limitHint')}
            checked={draft.signInRateLimit}
            onChange={(event) => change({ signInRateLimit: event.currentTarget.checked })}
          />
          <NumberInput
            label={t('signIn.passwordMinLength')}
            description={t('signIn.passwordMinLengthHint')}
            value={draft.passwordMinLength}
            onChange={(value) => change({ passwordMinLength: typeof value === 'number' ? value : 6 })}
            min={6}
            max={64}
            allowDecimal={false}
            error={problemAt(save.error, 'passwordMinLength')}
          />
        </Stack>
      </Section>
      <Section title={t('signIn.pages')} lead={t('signIn.pagesLead')}>
        <Stack gap="sm">
          {(['resetPasswordUrl', 'confirmedUrl', 'invitationUrl'] as const).map((name) => (
            <TextInput
              key={name}
              type="url"
              label={t(`signIn.${name}`)}
              description={t(`signIn.${name}Hint`)}
              placeholder="https://"
              value={draft[name] ?? ''}
              onChange={(event) => change({ [name]: emptyToNull(event.currentTarget.value) })}
              error={problemAt(save.error, name)}
            />
          ))}
          <NumberInput
            label={t('signIn.invitationDays')}
            description={t('signIn.invitationDaysHint')}
            value={draft.invitationDays}
            onChange={(value) => change({ invitationDays: typeof value === 'number' ? value : 7 })}
            min={1}
            max={90}
            allowDecimal={false}
            error={problemAt(save.error, 'invitationDays')}
          />
        </Stack>
      </Section>
    </SettingsForm>
  );
}

/** A choice of the roles there are, for who may see them; the code of one for who may not. */
function DefaultRole({ value, onChange, error }: { value: string; onChange: (code: string) => void; error?: string }) {
  const { t } = useTranslation('project');
  const maySee = useHasPermission('settings.content-roles');
  const roles = useQuery({ ...contentRolesQuery, enabled: maySee }).data;
  const shared = { label: t('signIn.role'), description: t('signIn.roleHint'), error };
  if (!roles) return <TextInput {...shared} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
  return (
    <Select
      {...shared}
      data={roles.map((role) => ({ value: role.code, label: role.name }))}
      value={value}
      onChange={(code) => code && onChange(code)}
      allowDeselect={false}
      searchable
    />
  );
}
