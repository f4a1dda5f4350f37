import { defineAddress } from '@/app/address';

/** The token that a mail's link carries. */
interface TokenSearch {
  token?: string;
}

/** Reads the token; whatever else is in the address is dropped. */
function readToken(raw: Record<string, unknown>): TokenSearch {
  // A token of digits alone would be read as a number.
  return typeof raw.token === 'string' || typeof raw.token === 'number' ? { token: String(raw.token) } : {};
}

/** The form that asks for a mail to choose another password. */
export const forgotAddress = defineAddress({ path: '/forgot-password' });

/** The form to choose another password, by the mail's link. */
export const resetAddress = defineAddress({ path: '/reset-password', search: readToken });

/** The form to take an invitation, by the mail's link. */
export const acceptAddress = defineAddress({ path: '/accept-invitation', search: readToken });
