import { Alert, Anchor, Button, Stack, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { forgotPassword } from '@/api/session';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { useSubmit } from '@/ui/useSubmit';
import { useAccountCheck } from './useAccountCheck';
import { SignInLayout } from './SignInLayout';

/** Asks for a mail to choose another password. Says the same whether the address is known or not. */
export default function ForgotPasswordPage() {
  const { t } = useTranslation('frame');
  const [sentTo, setSentTo] = useState<string>();
  const check = useAccountCheck();
  const form = useSubmit(async ({ email }) => {
    await forgotPassword(email ?? '');
    setSentTo(email);
  }, check);
  return (
    <SignInLayout title={t('forgot.title')} lead={sentTo ? undefined : t('forgot.lead')}>
      {sentTo ? (
        <Alert role="status" title={t('forgot.sent')}>
          {t('forgot.sentHint', { email: sentTo })}
        </Alert>
      ) : (
        <form onSubmit={form.onSubmit} noValidate>
          <Stack gap="sm">
            {form.error !== undefined && <ErrorMessage error={form.error} />}
            <TextInput
              label={t('signIn.email')}
              name="email"
              type="email"
              autoComplete="username"
              required
              withAsterisk={false}
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing to do here
              autoFocus
              error={form.problemOf('email')}
            />
            <Button type="submit" loading={form.pending} fullWidth>
              {t('forgot.submit')}
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
