import type { PageContext } from '../context.ts';
import { RequestLinkPage, requestLink } from './request-link.tsx';

/** Has a link to choose another password sent. */
export function action(context: PageContext) {
  return requestLink(context, '/auth/forgot-password');
}

/** The page for whoever has forgotten their password. */
export function Component() {
  return <RequestLinkPage title="forgotten.title" intro="forgotten.intro" submit="forgotten.submit" />;
}
