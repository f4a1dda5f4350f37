import { Anchor, Button, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { acceptInvitation, setSession } from '@/api/session';
import { useSubmit } from '@/ui/useSubmit';
import { useAccountCheck } from './useAccountCheck';
import { SignInLayout } from './SignInLayout';
import { LinkError } from './LinkError';
import { NewPassword } from './NewPassword';
import { acceptAddress } from './addresses';

/** Takes an invitation: names and a password; one is signed in at once. */
export default function AcceptInvitationPage() {
  const { t, i18n } = useTranslation('frame');
  const { token = '' } = acceptAddress.useSearch();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const check = useAccountCheck();
  const form = useSubmit(async ({ password, firstName, lastName }) => {
    const names = { firstName: firstName || undefined, lastName: lastName || undefined };
    setSession(
      queries,
      await acceptInvitation({ token, password: password ?? '', language: i18n.resolvedLanguage, ...names }),
    );
    await navigate({ to: '/' });
  }, check);
  return (
    <SignInLayout title={t('accept.title')} lead={t('accept.lead')}>
      {!token && <LinkError />}
      {token && (
        <form onSubmit={form.onSubmit} noValidate>
          <Stack gap="sm">
            {form.error !== undefined && <LinkError error={form.error} />}
            <TextInput
              label={t('profile.firstName')}
              name="firstName"
              autoComplete="given-name"
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing to do here
              autoFocus
              error={form.problemOf('firstName')}
            />
            <TextInput
              label={t('profile.lastName')}
              name="lastName"
              autoComplete="family-name"
              error={form.problemOf('lastName')}
            />
            <NewPassword error={form.problemOf('password')} />
            <Button type="submit" loading={form.pending} fullWidth>
              {t('accept.submit')}
            </Button>
          </Stack>
        </form>
      )}
      <Anchor size="sm" renderRoot={(props) => <Link to="/" {...props} />}>
        {t('toSignIn')}
      </Anchor>
    </SignInLayout>
  );
}
