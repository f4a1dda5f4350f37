import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from '@simplewebauthn/browser';

/** Lets the browser make a passkey. Its code is fetched only now. */
export async function makePasskey(options: unknown): Promise<RegistrationResponseJSON> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  const bare = typeof options === 'object' && options !== null && 'publicKey' in options ? options.publicKey : options;
  return startRegistration({ optionsJSON: bare as PublicKeyCredentialCreationOptionsJSON });
}
