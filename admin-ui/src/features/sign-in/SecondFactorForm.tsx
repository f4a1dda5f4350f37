import { Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { beginPasskeySignIn, type SecondFactor, signInSecond, type SignInAnswer } from '@/api/session';
import { useSubmit } from '@/ui/useSubmit';
import { askPasskey, passkeysWork } from './passkey';
import { SignInError } from './SignInError';

interface Props {
  secondFactor: SecondFactor[];
  pending: string;
  onAnswer: (answer: SignInAnswer) => void;
  onBack: () => void;
}

/** The code of an app, a recovery code, or a passkey, after the password was right. */
export function SecondFactorForm({ secondFactor, pending, onAnswer, onBack }: Props) {
  const { t } = useTranslation('frame');
  const offered = secondFactor.filter((factor) => factor !== 'passkey' || passkeysWork());
  const [chosen, choose] = useState<SecondFactor>(offered[0] ?? 'totp');
  const form = useSubmit(async (values) => {
    const code = (values.code ?? '').replaceAll(/\s/g, '');
    if (chosen === 'passkey')
      onAnswer(await signInSecond(pending, { passkey: await askPasskey(await beginPasskeySignIn(pending)) }));
    else onAnswer(await signInSecond(pending, chosen === 'totp' ? { totp: code } : { recovery: code }));
  });
  return (
    <form onSubmit={form.onSubmit}>
      <Stack gap="sm">
        <SignInError error={form.error} />
        <Text>{t(`second.${chosen}.explanation`)}</Text>
        {chosen !== 'passkey' && (
          <TextInput
            key={chosen}
            name="code"
            label={t(`second.${chosen}.label`)}
            autoComplete={chosen === 'totp' ? 'one-time-code' : 'off'}
            inputMode={chosen === 'totp' ? 'numeric' : 'text'}
            required
            withAsterisk={false}
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing to do here
            autoFocus
            error={form.problemOf('totp') ?? form.problemOf('recovery')}
          />
        )}
        <Button type="submit" loading={form.pending} fullWidth>
          {t(`second.${chosen}.submit`)}
        </Button>
        <Group justify="space-between">
          <Anchor component="button" type="button" size="sm" onClick={onBack}>
            {t('second.back')}
          </Anchor>
          {offered
            .filter((factor) => factor !== chosen)
            .map((factor) => (
              <Anchor
                key={factor}
                component="button"
                type="button"
                size="sm"
                onClick={() => {
                  form.clear();
                  choose(factor);
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
