import { defineRoute } from '@/app/route';

/** The token that a mail's link carries. */
interface TokenSearch {
  token?: string;
}

/** Reads the token; whatever else is in the address is dropped. */
function readToken(raw: Record<string, unknown>): TokenSearch {
  // A token of digits alone would be read as a number.
  return typeof raw.token === 'string' || typeof raw.token === 'number' ? { token: String(raw.token) } : {};
}

/** Asks for a mail to choose another password. */
export const forgotRoute = defineRoute({
  path: '/forgot-password',
  layout: 'public',
  title: 'frame:forgot.title',
  page: () => import('./ForgotPasswordPage'),
});

/** Chooses another password, by the mail's link. */
export const resetRoute = defineRoute({
  path: '/reset-password',
  layout: 'public',
  title: 'frame:reset.title',
  search: readToken,
  page: () => import('./ResetPasswordPage'),
});

/** Takes an invitation, by the mail's link. */
export const acceptRoute = defineRoute({
  path: '/accept-invitation',
  layout: 'public',
  title: 'frame:accept.title',
  search: readToken,
  page: () => import('./AcceptInvitationPage'),
});
