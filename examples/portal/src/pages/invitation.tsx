import { acceptInvitation } from '../cairn/sign-in.ts';
import type { PageContext } from '../context.ts';
import { ChoosePasswordPage, choosePassword } from './choose-password.tsx';

/** Accepts an invitation. */
export function action(context: PageContext) {
  return choosePassword(context, acceptInvitation);
}

/** The page that the link of an invitation leads to. */
export function Component() {
  return (
    <ChoosePasswordPage
      title="invitation.title"
      intro="invitation.intro"
      submit="invitation.submit"
      lost="invitation.lost"
      request={{ href: '/invitation/request', text: 'invitation.request.submit' }}
    />
  );
}
