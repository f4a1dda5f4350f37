import type { PageContext } from '../context.ts';
import { RequestLinkPage, requestLink } from './request-link.tsx';

/** Has the open invitation of an address sent again. */
export function action(context: PageContext) {
  return requestLink(context, '/auth/request-invitation', { language: context.parts.language });
}

/** The page for whoever has lost an invitation. */
export function Component() {
  return (
    <RequestLinkPage
      title="invitation.request.title"
      intro="invitation.request.intro"
      submit="invitation.request.submit"
    />
  );
}
