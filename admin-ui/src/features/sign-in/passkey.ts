import type { AuthenticationResponseJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';

/** Whether this browser has passkeys here; not on an address without https. */
export function supportsPasskeys(): boolean {
  return window.isSecureContext && typeof window.PublicKeyCredential === 'function';
}

/** Lets the browser ask for a passkey. Its code is fetched only now: most sign in otherwise. */
export async function askPasskey(options: unknown): Promise<AuthenticationResponseJSON> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  return startAuthentication({ optionsJSON: optionsOf(options) as PublicKeyCredentialRequestOptionsJSON });
}

/** The options themselves, which some servers wrap as the browser's own function takes them. */
function optionsOf(options: unknown): unknown {
  return typeof options === 'object' && options !== null && 'publicKey' in options ? options.publicKey : options;
}
