import { Alert, Anchor, Button, Stack, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { acceptInvitation } from '@/api/session';
import { useSubmit } from '@/ui/useSubmit';
import { Doorstep } from './Doorstep';
import { LinkError } from './LinkError';
import { NewPassword } from './NewPassword';
import { acceptRoute } from './routes';

/** Takes an invitation: names and a password; then one signs in. */
export default function AcceptInvitationPage() {
  const { t } = useTranslation('frame');
  const { token = '' } = acceptRoute.useSearch();
  const [done, setDone] = useState(false);
  const form = useSubmit(async ({ password, firstName, lastName }) => {
    await acceptInvitation({
      token,
      password: password ?? '',
      firstName: firstName || undefined,
      lastName: lastName || undefined,
    });
    setDone(true);
  });
  if (done) {
    return (
      <Doorstep title={t('accept.title')}>
        <Alert role="status" title={t('accept.done')}>
          {t('accept.doneHint')}
        </Alert>
        <Anchor renderRoot={(props) => <Link to="/" {...props} />}>{t('toSignIn')}</Anchor>
      </Doorstep>
    );
  }
  return (
    <Doorstep title={t('accept.title')} lead={t('accept.lead')}>
      {!token && <LinkError />}
      {token && (
        <form onSubmit={form.onSubmit}>
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
    </Doorstep>
  );
}
