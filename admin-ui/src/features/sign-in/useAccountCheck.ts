import { useTranslation } from 'react-i18next';
import { PASSWORD_MIN } from './passwordRule';

/** Says what is wrong with an address and a password that are chosen, in words of the admin rather than the browser's. */
export function useAccountCheck(): (values: Record<string, string>) => Record<string, string | undefined> {
  const { t } = useTranslation('frame');
  return ({ email, password }) => ({
    ...(email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email.trim()) ? { email: t('signIn.emailProblem') } : {}),
    ...(password !== undefined && [...password].length < PASSWORD_MIN
      ? { password: t('password.problem', { count: PASSWORD_MIN }) }
      : {}),
  });
}
