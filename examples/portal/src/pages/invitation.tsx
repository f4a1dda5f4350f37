import { useLoaderData } from 'react-router';
import { acceptInvitation, isInvitationValid } from '../cairn/sign-in.ts';
import type { PageContext } from '../context.ts';
import { ChoosePasswordPage, choosePassword, type LinkState } from './choose-password.tsx';

/** Looks whether the link still works, so that nobody thinks up a password in vain. */
export async function loader(context: PageContext): Promise<LinkState> {
  const code = context.query('code');
  return { isLost: !code || !(await isInvitationValid(context.publicApi, code)) };
}

/** Accepts an invitation. */
export function action(context: PageContext) {
  return choosePassword(context, acceptInvitation);
}

/** The page that the link of an invitation leads to. */
export function Component() {
  const { isLost } = useLoaderData<LinkState>();
  return (
    <ChoosePasswordPage
      title="invitation.title"
      intro="invitation.intro"
      submit="invitation.submit"
      lost="invitation.lost"
      isLost={isLost}
      request={{ href: '/invitation/request', text: 'invitation.request.submit' }}
    />
  );
}
