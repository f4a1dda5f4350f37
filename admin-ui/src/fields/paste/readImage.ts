import type { DroppedReason, PastedImage } from './document';

/** What is known of the pictures of a clipboard beside its HTML. */
export interface ImageHints {
  /** `data:` addresses that were taken out of the HTML, by their numbers. */
  data: readonly string[];
  /** Pictures in place of files on the disk of whoever copied, by their order. */
  local: (string | null)[];
  /** Where the admin is: a picture from there is in the library already. */
  origin: string;
  /** Whether an address of the library is enough to keep a picture. */
  byAddress: boolean;
}

/** What stands in HTML for a `data:` address that was taken out of it. */
export const DATA_PLACE = 'cairn-data:';

/** A picture, a sign that is drawn as one, or why it is neither; nothing where nobody would miss it. */
type FoundImage =
  | { image: PastedImage }
  | { text: string }
  | { dropped: DroppedReason; item?: { url?: string; name: string } };

/** Kinds of pictures that are uploaded as they are. What can hold scripts is not among them. */
const KINDS = /^data:image\/(?:png|jpe?g|gif|webp|avif)[;,]/i;

export function imageOf(element: Element, hints: ImageHints): FoundImage | null {
  const src = element.getAttribute('src')?.trim() ?? '';
  const alt = altOf(element);
  if (isUnseen(element)) return null;
  if (alt !== '' && alt.length <= 12 && /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2})/u.test(alt))
    return { text: alt };
  if (src.startsWith(DATA_PLACE)) {
    const url = hints.data[Number(src.slice(DATA_PLACE.length))];
    if (!url) return null;
    return KINDS.test(url) ? { image: { source: { kind: 'data', url }, alt } } : { dropped: 'imageKind' };
  }
  if (/^(?:file:|cid:|blob:|content:|webkit-fake-url:)/i.test(src)) {
    const url = /^file:/i.test(src) ? hints.local.shift() : undefined;
    return url ? { image: { source: { kind: 'data', url }, alt } } : { dropped: 'localImage' };
  }
  const own = ownAddress(src, hints.origin);
  if (own && hints.byAddress) return { image: { source: { kind: 'library', url: own }, alt } };
  if (!/^https?:\/\//i.test(src) && !own) return src === '' ? null : { dropped: 'localImage' };
  const url = own ? hints.origin + own : src;
  return { dropped: 'remoteImage', item: { url, name: alt || nameIn(url) } };
}

/** The alternative text of a picture, unless a program guessed it. */
function altOf(element: Element): string {
  const alt = (element.getAttribute('alt') ?? '').replaceAll(/\s+/g, ' ').trim();
  if (/^(?:https?|file):\/\//i.test(alt) || /^[\w -]+\.(?:png|jpe?g|gif|webp|emf|wmf)$/i.test(alt)) return '';
  if (
    /(?:description automatically generated|beschrijving automatisch gegenereerd|AI-generated content may be incorrect)/i.test(
      alt,
    )
  )
    return '';
  return alt.slice(0, 1000);
}

/** Whether a picture is one dot, by which senders learn who reads. */
function isUnseen(element: Element): boolean {
  return ['width', 'height'].some((name) => {
    const size = element.getAttribute(name);
    return size !== null && /^\d+(?:px)?$/.test(size.trim()) && Number.parseInt(size, 10) <= 2;
  });
}

function ownAddress(src: string, origin: string): string | null {
  const path = src.startsWith(`${origin}/`) ? src.slice(origin.length) : src;
  return /^\/uploads\/[^\s]+$/.test(path) ? path : null;
}

/** The last part of an address, as a name. */
export function nameIn(url: string): string {
  try {
    const { pathname, hostname } = new URL(url);
    const last = decodeURIComponent(pathname.split('/').findLast((part) => part !== '') ?? '');
    return /\.\w{2,5}$/.test(last) && last.length <= 80 ? last : hostname;
  } catch {
    return url.slice(0, 80);
  }
}
