import { resetPassword } from '../cairn/sign-in.ts';
import type { PageContext } from '../context.ts';
import { ChoosePasswordPage, choosePassword } from './choose-password.tsx';

/** Chooses another password by the code of a mail. */
export function action(context: PageContext) {
  return choosePassword(context, resetPassword);
}

/** The page that the link for a forgotten password leads to. */
export function Component() {
  return (
    <ChoosePasswordPage
      title="reset.title"
      submit="reset.submit"
      lost="reset.lost"
      request={{ href: '/forgotten-password', text: 'reset.again' }}
    />
  );
}
