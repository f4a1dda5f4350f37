/** The word by which the content security policy lets a style element in; another one with each load of the page. */
export function styleNonce(): string {
  // Browsers hide the attribute from scripts' selectors, the property has it.
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}
