import { Alert, Anchor, Button, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { resetPassword } from '@/api/session';
import { useSubmit } from '@/ui/useSubmit';
import { useAccountCheck } from './useAccountCheck';
import { SignInLayout } from './SignInLayout';
import { LinkError } from './LinkError';
import { NewPassword } from './NewPassword';
import { forgotAddress, resetAddress } from './addresses';

/** Chooses another password, by the link of a mail. */
export default function ResetPasswordPage() {
  const { t } = useTranslation('frame');
  const { token = '' } = resetAddress.useSearch();
  const [done, setDone] = useState(false);
  const check = useAccountCheck();
  const form = useSubmit(async ({ password }) => {
    await resetPassword(token, password ?? '');
    setDone(true);
  }, check);
  return (
    <SignInLayout title={t('reset.title')}>
      {done && (
        <Alert role="status" title={t('reset.done')}>
          {t('reset.doneHint')}
        </Alert>
      )}
      {!done && !token && <LinkError />}
      {!done && token && (
        <form onSubmit={form.onSubmit} noValidate>
          <Stack gap="sm">
            {form.error !== undefined && <LinkError error={form.error} />}
            <NewPassword label={t('password.new')} first error={form.problemOf('password')} />
            <Button type="submit" loading={form.pending} fullWidth>
              {t('reset.submit')}
            </Button>
          </Stack>
        </form>
      )}
      {!done && (
        <Anchor size="sm" renderRoot={(props) => <Link {...forgotAddress.to({})} {...props} />}>
          {t('reset.another')}
        </Anchor>
      )}
      <Anchor size="sm" renderRoot={(props) => <Link to="/" {...props} />}>
        {t('toSignIn')}
      </Anchor>
    </SignInLayout>
  );
}
