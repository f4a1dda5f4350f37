import { Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { beginPasskeySignIn, type SecondFactor, signInWithSecondFactor, type SignInResult } from '@/api/session';
import { useSubmit } from '@/ui/useSubmit';
import { askPasskey, supportsPasskeys } from './passkey';
import { SignInError } from './SignInError';

interface Props {
  secondFactor: SecondFactor[];
  pending: string;
  onAnswer: (answer: SignInResult) => void;
  onBack: () => void;
}

/** The code of an app, a recovery code, or a passkey, after the password was right. */
export function SecondFactorForm({ secondFactor, pending, onAnswer, onBack }: Props) {
  const { t } = useTranslation('frame');
  const factors = secondFactor.filter((factor) => factor !== 'passkey' || supportsPasskeys());
  const [activeFactor, setFactor] = useState<SecondFactor>(factors[0] ?? 'totp');
  const form = useSubmit(async (values) => {
    const code = (values.code ?? '').replaceAll(/\s/g, '');
    if (activeFactor === 'passkey')
      onAnswer(await signInWithSecondFactor(pending, { passkey: await askPasskey(await beginPasskeySignIn(pending)) }));
    else onAnswer(await signInWithSecondFactor(pending, activeFactor === 'totp' ? { totp: code } : { recovery: code }));
  });
  return (
    <form onSubmit={form.onSubmit}>
      <Stack gap="sm">
        <SignInError error={form.error} />
        <Text>{t(`second.${activeFactor}.explanation`)}</Text>
        {activeFactor !== 'passkey' && (
          <TextInput
            key={activeFactor}
            name="code"
            label={t(`second.${activeFactor}.label`)}
            autoComplete={activeFactor === 'totp' ? 'one-time-code' : 'off'}
            inputMode={activeFactor === 'totp' ? 'numeric' : 'text'}
            required
            withAsterisk={false}
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing to do here
            autoFocus
            error={form.problemOf('totp') ?? form.problemOf('recovery')}
          />
        )}
        <Button type="submit" loading={form.pending} fullWidth>
          {t(`second.${activeFactor}.submit`)}
        </Button>
        <Group justify="space-between">
          <Anchor component="button" type="button" size="sm" onClick={onBack}>
            {t('second.back')}
          </Anchor>
          {factors
            .filter((factor) => factor !== activeFactor)
            .map((factor) => (
              <Anchor
                key={factor}
                component="button"
                type="button"
                size="sm"
                onClick={() => {
                  form.clear();
                  setFactor(factor);
                }}
              >
                {t(`second.${factor}.instead`)}
              </Anchor>
            ))}
        </Group>
      </Stack>
    </form>
  );
}
