import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';

/** Why signing in did not work. Of a wrong password nobody learns whether the address is known. */
export function SignInError({ error }: { error: unknown }) {
  const { t } = useTranslation('frame');
  if (!error) return null;
  // Somebody closed the browser's question for a passkey: they know.
  if (error instanceof Error && error.name === 'NotAllowedError') return null;
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 400 || status === 401) {
    return (
      <Alert role="alert" color="red" title={t('signIn.wrong')}>
        {t('signIn.wrongHint')}
      </Alert>
    );
  }
  return <ErrorMessage error={error} title={t('signIn.failed')} />;
}
