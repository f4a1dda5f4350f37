import { PasswordInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { PASSWORD_MIN } from './passwordRule';

interface Props {
  label?: string;
  error?: string;
  /** The one thing to do on its page. */
  first?: boolean;
}

/** A password to be chosen, once: it can be looked at, so it need not be typed twice. */
export function NewPassword({ label, error, first }: Props) {
  const { t } = useTranslation('frame');
  return (
    <PasswordInput
      label={label ?? t('signIn.password')}
      description={t('password.rule', { count: PASSWORD_MIN })}
      name="password"
      autoComplete="new-password"
      minLength={PASSWORD_MIN}
      required
      withAsterisk={false}
      // oxlint-disable-next-line jsx-a11y/no-autofocus -- only where it is the one thing to do
      autoFocus={first}
      visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
      error={error}
    />
  );
}
