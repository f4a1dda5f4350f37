import { type CairnError, hasStatus } from '../cairn/api.ts';
import type { PageContext } from '../context.ts';
import { type TextKey, translate } from '../i18n/texts.ts';

/** Fewest characters of a new password. Cairn may require more: its answer then says how many. */
export const MIN_PASSWORD_CHARS = 8;
/** Most bytes that Cairn takes. */
const MAX_PASSWORD_BYTES = 72;

/** Finds the problem of a new password; `undefined` if there is none. */
export function findPasswordProblem(context: PageContext, password: string): string | undefined {
  const t = textsOf(context);
  if ([...password].length < MIN_PASSWORD_CHARS) return t('password.short', { chars: MIN_PASSWORD_CHARS });
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return t('password.long');
  return undefined;
}

/** The sentence for a new password that Cairn refused; `undefined` if it refused something else. */
export function describeRefusedPassword(context: PageContext, error: CairnError): string | undefined {
  const chars = /at least (\d+) characters/.exec(error.message)?.[1];
  if (chars) return textsOf(context)('password.short', { chars });
  if (error.message.includes('less than')) return textsOf(context)('password.long');
  return undefined;
}

/** The sentence for an attempt to sign in, or to use a mailed link, that Cairn counted as one too many. */
export function describeTooMany(context: PageContext, error: unknown): string | undefined {
  return hasStatus(error, 429) ? textsOf(context)('signIn.tooMany') : undefined;
}

/** Texts in the language of a request. */
export function textsOf(context: PageContext) {
  return (key: TextKey, values?: Record<string, string | number>) => translate(context.parts.language, key, values);
}

/** True if a text may be an e-mail address. Cairn and the mail decide. */
export function isAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}
