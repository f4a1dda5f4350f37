import { notFound, type PageContext } from '../context.ts';
import type { Choice, CairnFile, TimelineEntry, VehicleDocument } from '../cairn/types.ts';
import { FILE_HEADERS } from './headers.ts';

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

/**
 * A private file of the customer: `/files/documents/<id>`, `/files/choices/<id>` or `/files/timeline/<entry>/<file>`. Cairn is asked for the entry
 * each time, as the customer: an id of somebody else's, or an access that has ended, is 404.
 */
export async function respondWithFile(context: PageContext, request: Headers): Promise<Response> {
  const path = decodePath(context.parts.url.pathname).split('/').slice(2);
  const file = await findFile(context, path);
  if (!file) throw notFound();
  const width = context.query('w');
  const isPicture = file.mime.startsWith('image/') && WIDTHS.has(width);
  const response = await passOn(context, isPicture ? withWidth(file.url, width) : file.url, request);
  const isAttachment = path[0] === 'documents';
  const disposition = `${isAttachment ? 'attachment' : 'inline'}; filename*=UTF-8''${encodeURIComponent(file.name)}`;
  response.headers.set('Content-Disposition', disposition);
  response.headers.set('Cache-Control', isAttachment ? 'private, no-store' : 'private, max-age=600');
  return response;
}

/** A public file of Cairn's media library, such as the logo. */
export async function respondWithUpload(context: PageContext, request: Headers): Promise<Response> {
  const { pathname, search } = context.parts.url;
  // Private files go through `respondWithFile`, which knows whose they are.
  if (decodePath(pathname).toLowerCase().startsWith('/uploads/private')) throw notFound();
  const response = await passOn(context, `${pathname}${search}`, request);
  response.headers.set('Cache-Control', 'public, max-age=300');
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

/** The address of a part of the page for a file. */
export const fileAddresses = {
  document: (document: VehicleDocument) => `/files/documents/${document.documentId}`,
  choice: (choice: Choice, width?: number) => withWidth(`/files/choices/${choice.documentId}`, width),
  timeline: (entry: TimelineEntry, file: CairnFile, width?: number) =>
    withWidth(`/files/timeline/${entry.documentId}/${file.documentId}`, width),
};

/** The address of a picture in a width, or as it is. */
export function withWidth(address: string, width: number | string | undefined): string {
  if (width === undefined) return address;
  return `${address}${address.includes('?') ? '&' : '?'}w=${width}`;
}

async function findFile(context: PageContext, [kind, id, fileId]: string[]): Promise<CairnFile | null | undefined> {
  if (!id) return undefined;
  if (kind === 'documents' && !fileId) {
    return (await context.asCustomer((api) => api.findPart<VehicleDocument>('documents', id, ['file']))).file;
  }
  if (kind === 'choices' && !fileId) {
    return (await context.asCustomer((api) => api.findPart<Choice>('choices', id, ['picture']))).picture;
  }
  if (kind === 'timeline' && fileId) {
    const find = context.asCustomer((api) => api.findPart<TimelineEntry>('timeline-entries', id, ['photos', 'films']));
    const { photos, films } = await find;
    return [...(photos ?? []), ...(films ?? [])].find(({ documentId }) => documentId === fileId);
  }
  return undefined;
}

/** Cairn's response for an address. `request`: headers of the visitor's request. */
async function passOn(context: PageContext, address: string, request: Headers): Promise<Response> {
  const { cairn, method } = context.parts;
  const url = new URL(address, cairn);
  // Files that are stored elsewhere would be fetched with nobody's consent.
  if (url.origin !== cairn.origin) throw notFound();
  const sent = new Headers({ 'Accept-Encoding': 'identity' });
  // The part that is played, and the picture formats that the browser knows.
  for (const name of ['range', 'accept']) {
    const value = request.get(name);
    if (value) sent.set(name, value);
  }
  const answer = await fetch(url, {
    method: method === 'HEAD' ? 'HEAD' : 'GET',
    headers: sent,
    redirect: 'error',
  });
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
