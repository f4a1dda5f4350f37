import { Anchor, Button, Stack, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { acceptInvitation, invitationQuery, setSession } from '@/api/session';
import { useSubmit } from '@/ui/useSubmit';
import { useAccountCheck } from './useAccountCheck';
import { SignInLayout } from './SignInLayout';
import { LinkError } from './LinkError';
import { NewPassword } from './NewPassword';
import { acceptAddress } from './addresses';

/** Takes an invitation: the names as whoever invited them wrote them, to be corrected, and a password; one is signed in at once. */
export default function AcceptInvitationPage() {
  const { t, i18n } = useTranslation('frame');
  const { token = '' } = acceptAddress.useSearch();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const check = useAccountCheck();
  const invitation = useQuery(invitationQuery(token));
  const invited = invitation.data;
  const form = useSubmit(async ({ password, firstName, lastName }) => {
    setSession(
      queries,
      await acceptInvitation({ token, password: password ?? '', language: i18n.resolvedLanguage, firstName, lastName }),
    );
    await navigate({ to: '/' });
  }, check);
  return (
    <SignInLayout title={t('accept.title')} lead={invited && t('accept.lead')}>
      {(!token || invitation.isError) && <LinkError error={invitation.error ?? undefined} />}
      {invited && (
        <form onSubmit={form.onSubmit} noValidate>
          <Stack gap="sm">
            {form.error !== undefined && <LinkError error={form.error} />}
            <TextInput
              label={t('signIn.email')}
              defaultValue={invited.email}
              // Password managers keep the password under it.
              autoComplete="username"
              readOnly
              variant="filled"
            />
            <TextInput
              label={t('profile.firstName')}
              name="firstName"
              autoComplete="given-name"
              defaultValue={invited.firstName ?? ''}
              error={form.problemOf('firstName')}
            />
            <TextInput
              label={t('profile.lastName')}
              name="lastName"
              autoComplete="family-name"
              defaultValue={invited.lastName ?? ''}
              error={form.problemOf('lastName')}
            />
            <NewPassword error={form.problemOf('password')} first />
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
