import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { setSession, setUp } from '@/api/session';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { useSubmit } from '@/ui/useSubmit';
import { useAccountCheck } from './useAccountCheck';
import { SignInLayout } from './SignInLayout';
import { NewPassword } from './NewPassword';

/** The first start: makes the first administrator, who is signed in at once. */
export default function SetupPage() {
  const { t, i18n } = useTranslation('frame');
  const queries = useQueryClient();
  const check = useAccountCheck();
  const form = useSubmit(async ({ email, password, firstName, lastName }) => {
    const names = { firstName: firstName || undefined, lastName: lastName || undefined };
    setSession(
      queries,
      await setUp({ email: email ?? '', password: password ?? '', language: i18n.resolvedLanguage, ...names }),
    );
  }, check);
  return (
    <SignInLayout title={t('setup.title')} lead={t('setup.lead')}>
      <form onSubmit={form.onSubmit} noValidate>
        <Stack gap="sm">
          {form.error !== undefined && <ErrorMessage error={form.error} title={t('setup.failed')} />}
          <Group grow gap="sm" preventGrowOverflow={false} wrap="wrap">
            <TextInput
              label={t('profile.firstName')}
              name="firstName"
              autoComplete="given-name"
              miw={120}
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing to do here
              autoFocus
              error={form.problemOf('firstName')}
            />
            <TextInput
              label={t('profile.lastName')}
              name="lastName"
              autoComplete="family-name"
              miw={120}
              error={form.problemOf('lastName')}
            />
          </Group>
          <TextInput
            label={t('signIn.email')}
            name="email"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            error={form.problemOf('email')}
          />
          <NewPassword error={form.problemOf('password')} />
          <Button type="submit" loading={form.pending} fullWidth mt={4}>
            {t('setup.submit')}
          </Button>
        </Stack>
      </form>
    </SignInLayout>
  );
}
