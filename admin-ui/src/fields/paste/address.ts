/** Longest address that is recognised, in characters. */
const MAX_ADDRESS = 2048;

/** The address that a text is, all of it: of the web or of a mailbox. Nothing else, whatever schemes there are. */
export function addressOf(text: string): string | null {
  const address = text.trim();
  if (address.length > MAX_ADDRESS || /\s/.test(address)) return null;
  if (/^mailto:[^\s@]+@[^\s@]+$/i.test(address)) return address;
  if (!/^https?:\/\/[^\s/?#]+/i.test(address)) return null;
  try {
    return ['http:', 'https:'].includes(new URL(address).protocol) ? address : null;
  } catch {
    return null;
  }
}

/** The address of a link in what is pasted, where it may be kept. */
export function keptLink(href: string, paths: boolean): string | null {
  const plain = href.replaceAll(/[\t\n\r]/g, '').trim();
  if (/^(?:https?:\/\/[^\s/]|mailto:[^\s@]+@|tel:[+\d])/i.test(plain)) return plain.replaceAll(' ', '%20');
  return paths && /^\/(?!\/)/.test(plain) ? plain : null;
}
