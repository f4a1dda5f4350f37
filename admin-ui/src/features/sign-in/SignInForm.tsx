import { Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  beginPasskeySignIn,
  finishPasskeySignIn,
  type Session,
  sessionQuery,
  signIn,
  type SignInResult,
} from '@/api/session';
import { useSubmit } from '@/ui/useSubmit';
import { askPasskey, supportsPasskeys } from './passkey';
import { SecondFactorForm } from './SecondFactorForm';
import { SignInError } from './SignInError';

interface Props {
  /** Known already: who was signed in before. */
  email?: string;
  onSignedIn: (session: Session) => void;
}

/** Address and password, or a passkey; then the second factor where there is one. */
export function SignInForm({ email, onSignedIn }: Props) {
  const { t } = useTranslation('frame');
  const passkeys = useQuery(sessionQuery).data?.passkeys;
  const [more, setMore] = useState<Extract<SignInResult, { pending: string }>>();
  const proceed = (answer: SignInResult): void => {
    if ('session' in answer) onSignedIn(answer.session);
    else setMore(answer);
  };
  const form = useSubmit(async (values) => proceed(await signIn(values.email ?? '', values.password ?? '')));
  const passkey = useSubmit(async () =>
    proceed(await finishPasskeySignIn(await askPasskey(await beginPasskeySignIn()))),
  );

  if (more) return <SecondFactorForm {...more} onAnswer={proceed} onBack={() => setMore(undefined)} />;
  return (
    <Stack gap="md">
      <form onSubmit={form.onSubmit}>
        <Stack gap="sm">
          <SignInError error={form.error ?? passkey.error} />
          <TextInput
            label={t('signIn.email')}
            name="email"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            defaultValue={email}
            readOnly={email !== undefined}
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing to do here
            autoFocus={email === undefined}
            error={form.problemOf('email')}
          />
          <PasswordInput
            label={t('signIn.password')}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing to do here
            autoFocus={email !== undefined}
            data-autofocus={email !== undefined || undefined}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
            error={form.problemOf('password')}
          />
          <Button type="submit" loading={form.pending} fullWidth mt={4}>
            {t('signIn.submit')}
          </Button>
        </Stack>
      </form>
      {passkeys && supportsPasskeys() && (
        <>
          <Divider label={t('signIn.or')} />
          <form onSubmit={passkey.onSubmit}>
            <Button
              type="submit"
              variant="default"
              fullWidth
              loading={passkey.pending}
              leftSection={<IconFingerprint size={18} aria-hidden />}
            >
              {t('signIn.passkey')}
            </Button>
          </form>
        </>
      )}
    </Stack>
  );
}
