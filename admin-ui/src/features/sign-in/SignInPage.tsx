import { Anchor } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { setSession, sessionQuery } from '@/api/session';
import { SignInLayout } from './SignInLayout';
import { forgotAddress } from './addresses';
import { SignInForm } from './SignInForm';

/** Signing in, at whichever address was asked for; that page follows. */
export default function SignInPage() {
  const { t } = useTranslation('frame');
  const queries = useQueryClient();
  const session = useQuery(sessionQuery).data;
  return (
    <SignInLayout title={t('signIn.title')}>
      <SignInForm onSignedIn={(signedIn) => setSession(queries, signedIn)} />
      {session?.mail && (
        <Anchor size="sm" renderRoot={(props) => <Link {...forgotAddress.to({})} {...props} />}>
          {t('forgot.link')}
        </Anchor>
      )}
    </SignInLayout>
  );
}
