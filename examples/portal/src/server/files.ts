import { listJourneyItems } from '../cairn/portal.ts';
import type { CairnFile, Choice, ServiceRecord, TimelineEntry, VehicleDocument } from '../cairn/types.ts';
import { notFound, type PageContext } from '../context.ts';
import { openSharedPhoto } from '../session/shared-photo.ts';
import { withWidth } from './file-addresses.ts';
import { FILE_HEADERS } from './headers.ts';
import type { SiteRequest } from './listener.ts';

/** Headers of Cairn's response that are passed on. */
const PASSED_HEADERS = [
  'content-type',
  'content-length',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
  'vary',
];
/** Widths in which Cairn gives pictures to anybody. */
const WIDTHS = new Set(['320', '640', '960', '1280', '1920']);
/** How long Cairn may take until a response begins: it may be making a picture in a size that nobody has seen yet. */
const FIRST_BYTE_MILLIS = 20_000;
/** Kinds of files that browsers show in place. The others are downloaded. */
const SHOWN_TYPES = /^(image\/(avif|gif|jpeg|png|webp)|video\/)/;

/**
 * A private file of the customer, such as `/files/documents/<id>` or `/files/timeline/<entry>/<file>`. Cairn is asked for the entry each time, as the
 * customer: an id of somebody else's, or an access that has ended, is 404.
 */
export async function respondWithFile(context: PageContext, request: SiteRequest): Promise<Response> {
  const path = decodePath(context.parts.url.pathname).split('/').slice(2);
  const file = await findFile(context, path);
  if (!file) throw notFound();
  const response = await passOn(context, withKnownWidth(context, file), request);
  const isAttachment = path[0] === 'documents' || !SHOWN_TYPES.test(file.mime);
  const disposition = `${isAttachment ? 'attachment' : 'inline'}; filename*=UTF-8''${encodeURIComponent(file.name)}`;
  response.headers.set('Content-Disposition', disposition);
  response.headers.set('Cache-Control', isAttachment ? 'private, no-store' : 'private, max-age=600');
  return response;
}

/** A public file of Cairn's media library, such as the logo. */
export async function respondWithUpload(context: PageContext, request: SiteRequest): Promise<Response> {
  const { pathname, search } = context.parts.url;
  // Private files go through `respondWithFile`, which knows whose they are.
  if (decodePath(pathname).toLowerCase().startsWith('/uploads/private')) throw notFound();
  const response = await passOn(context, `${pathname}${search}`, request);
  response.headers.set('Cache-Control', 'public, max-age=300');
  return response;
}

/** A photo of a delivery that was shared: `/shared/<token>/photos/<sealed address>`, as the page has made it. It works as long as Cairn's address does. */
export async function respondWithSharedPhoto(context: PageContext, request: SiteRequest): Promise<Response> {
  const [, , token = '', , sealed = ''] = context.parts.url.pathname.split('/');
  const url = openSharedPhoto(context.parts.keys, token, sealed);
  if (!url) throw notFound();
  const response = await passOn(context, withKnownWidth(context, { url, mime: 'image/*' }), request);
  // Signed as it is, the address leads to this one file; what it contains is shown as a picture or not at all.
  if (!SHOWN_TYPES.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel();
    throw notFound();
  }
  response.headers.set('Cache-Control', 'private, max-age=600');
  // Mails and messengers that show a preview are other sites.
  response.headers.set('Cross-Origin-Resource-Policy', 'cross-origin');
  return response;
}

/** A path without its percent signs. Throws the 404 for one that is not UTF-8. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw notFound();
  }
}

/** Cairn's address of a file, in the width that the page asks for. */
function withKnownWidth(context: PageContext, { url, mime }: Pick<CairnFile, 'url' | 'mime'>): string {
  const width = context.query('w');
  return mime.startsWith('image/') && WIDTHS.has(width) ? withWidth(url, width) : url;
}

async function findFile(context: PageContext, [kind, id, fileId]: string[]): Promise<CairnFile | null | undefined> {
  if (!id) return undefined;
  const find = <T>(plural: string, files: string[]) => context.asCustomer((api) => api.findPart<T>(plural, id, files));
  const pick = (...lists: (CairnFile[] | null | undefined)[]) =>
    lists.flatMap((files) => files ?? []).find(({ documentId }) => documentId === fileId);
  if (kind === 'documents' && !fileId) return (await find<VehicleDocument>('documents', ['file'])).file;
  if (kind === 'choices' && !fileId) return (await find<Choice>('choices', ['picture'])).picture;
  if (kind === 'timeline' && fileId) {
    const { photos, films } = await find<TimelineEntry>('timeline-entries', ['photos', 'films']);
    return pick(photos, films);
  }
  if (kind === 'service' && fileId) return pick((await find<ServiceRecord>('service-records', ['files'])).files);
  if (kind === 'journey' && fileId) {
    const item = (await context.asCustomer(listJourneyItems)).find(({ documentId }) => documentId === id);
    return pick(item?.gallery, item?.films, item?.files);
  }
  return undefined;
}

/** Cairn's response for an address. It ends when the visitor leaves; throws the 503 if Cairn does not begin to answer in time. */
export async function passOn(
  context: PageContext,
  address: string,
  request: SiteRequest,
  firstByteMillis = FIRST_BYTE_MILLIS,
): Promise<Response> {
  const { cairn, method } = context.parts;
  const url = new URL(address, cairn);
  // Files that are stored elsewhere would be fetched with nobody's consent.
  if (url.origin !== cairn.origin) throw notFound();
  const sent = new Headers({ 'Accept-Encoding': 'identity' });
  // The part that is played, and the picture formats that the browser knows.
  for (const name of ['range', 'accept']) {
    const value = request.headers.get(name);
    if (value) sent.set(name, value);
  }
  const answer = await fetchUntilFirstByte(
    url,
    { method: method === 'HEAD' ? 'HEAD' : 'GET', headers: sent, redirect: 'error' },
    request.gone,
    firstByteMillis,
  );
  if (!answer.ok && answer.status !== 416) {
    await answer.body?.cancel();
    throw new Response(null, { status: answer.status === 503 ? 503 : 404 });
  }
  const headers = new Headers(FILE_HEADERS);
  for (const name of PASSED_HEADERS) {
    const value = answer.headers.get(name);
    if (value) headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
}

/** A film takes as long as it is watched: only the beginning of a response has a limit. */
async function fetchUntilFirstByte(
  url: URL,
  options: RequestInit,
  gone: AbortSignal,
  millis: number,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), millis);
  try {
    return await fetch(url, { ...options, signal: AbortSignal.any([gone, late.signal]) });
  } catch (error) {
    if (late.signal.aborted) throw new Response(null, { status: 503 });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
