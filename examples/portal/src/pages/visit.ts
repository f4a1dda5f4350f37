import { redirect } from 'react-router';
import type { PageContext } from '../context.ts';
import { findLanguage } from '../i18n/texts.ts';
import { COOKIES } from '../session/cookies.ts';
import { readNextPath } from '../session/paths.ts';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Ends the session, here and at Cairn: a copy of the cookie is of no use afterwards. */
export async function signOut(context: PageContext): Promise<Response> {
  if (context.parts.session.kind === 'live') {
    // A person can leave while Cairn does not answer, too.
    await context.asCustomer((api) => api.post('/auth/logout', {})).catch(() => undefined);
  }
  context.forgetSession();
  return redirect('/sign-in', 303);
}

/** Stores the language that somebody chose, and leads back. */
export async function setLanguage(context: PageContext): Promise<Response> {
  const language = findLanguage(context.field('language'));
  if (language) context.parts.jar.set(COOKIES.language, language, YEAR_SECONDS);
  return redirect(readNextPath(context.field('next')), 303);
}

/** Prolongs the session, for the script of the warning: 204, or 401 if it has ended. */
export function keepSession(context: PageContext): Response {
  const { session, now } = context.parts;
  if (session.kind !== 'live') return new Response(null, { status: 401 });
  context.storeSession({ ...session.session, seenAt: now });
  return new Response(null, { status: 204 });
}
