/**
 * An address with a scheme, or a path of the site, as the server takes them in links. Schemes that run code are refused;
 * browsers drop tabs, line breaks and leading blanks before they read the scheme, so they are dropped here too.
 */
export function isLinkAddress(url: string): boolean {
  const plain = withoutLeading(url.replaceAll(/[\t\n\r]/g, ''));
  if (plain.startsWith('/')) return true;
  const match = /^([a-z][a-z\d+.-]*):(.*)$/is.exec(plain);
  if (!match || /^(javascript|vbscript|data)$/i.test(match[1] ?? '')) return false;
  return (match[2] ?? '').replaceAll('/', '') !== '';
}

/** Without blanks and control characters at its start. */
function withoutLeading(text: string): string {
  let at = 0;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return text.slice(at);
}

/** What somebody types as an address: `example.com` means the web, `a@b.nl` a mail. */
export function completeAddress(typed: string): string {
  const text = typed.trim();
  if (text === '' || isLinkAddress(text)) return text;
  if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(text)) return `mailto:${text}`;
  return /^[\w-]+(\.[\w-]+)+([/?#].*)?$/.test(text) ? `https://${text}` : text;
}
