import { FILES, type OwnedDocument } from './documents.ts';
import type { ContentType, Route } from './routes.ts';

/** What stands for the foreign document in a request, and once more for one that there is not. */
export interface Target {
  documentId: string;
  /** The document's number; routes of files and users take that. */
  id: string;
  /** The number by which an entry names it as a file: that of no file, where it is something else. Other kinds count by themselves. */
  file: number;
  /** A text that only the document has. */
  word: string;
}

/** No file has this number. */
const NO_FILE = 1_000_000;

/** A request about a document, which names it in some way. */
export interface SweepRequest {
  method: string;
  path: string;
  body?: string | undefined;
}

type Shape = (target: Target) => SweepRequest;

/** Texts by which lists are filtered and searched. */
const TEXTS = new Set(['string', 'text', 'richtext', 'email', 'uid']);
/** Values that lists are sorted by. */
const SORTED = new Set([...TEXTS, 'integer', 'decimal', 'date', 'datetime', 'enumeration', 'boolean']);
/** Bodies with which a route gets as far as looking for the document that its path names. */
const BODIES: Record<string, object[]> = {
  '/ratings': [{ step: 'ontwerp', score: 5 }],
  '/confirm': [{ option: 'Rood' }],
  '/telemetry': [],
  '/shares': [{ photos: [], days: 7 }],
  '/surveys/{id}': [{ answers: {} }],
  '/consents/{key}': [{ isGiven: true, version: '1' }],
  '/open': [{ code: '123456' }],
  '/notifications/{id}': [{ mail: false }],
  '/move/{id}': [{ phase: 'orderbevestiging', reason: 'x' }],
  '/shift/{id}': [{ by: 'P1D', reason: 'x' }],
  '/vote': [{ helpful: true }],
};

function get(path: (target: Target) => string): Shape {
  return (target) => ({ method: 'GET', path: path(target) });
}

/** Ways to ask a content type for a document of its own. */
export function documentRequests(type: ContentType, types: Map<string, ContentType>): Shape[] {
  const at = `/api/${type.route}`;
  const one = (target: Target) => `${at}/${idOf(type.uid, target)}`;
  const relations = Object.entries(type.attributes).filter(
    ([, { type: kind }]) => kind === 'relation' || kind === 'media',
  );
  const texts = Object.entries(type.attributes).filter(([, { type: kind }]) => TEXTS.has(kind));
  const shapes: Shape[] = [
    get(one),
    get((target) => `${one(target)}?populate=*`),
    get((target) => `${one(target)}?status=draft`),
    (target) => ({ method: 'PUT', path: one(target), body: '{"data":{}}' }),
    (target) => ({ method: 'DELETE', path: one(target) }),
    get((target) => `${at}?filters[documentId][$eq]=${target.documentId}`),
    get((target) => `${at}?filters[documentId][$in][0]=${target.documentId}&pagination[withCount]=true&populate=*`),
    get((target) => `${at}?filters[$not][documentId][$ne]=${target.documentId}&pagination[pageSize]=1`),
    get((target) => `${at}?_q=${target.word}`),
    get((target) => `${at}?status=draft&_q=${target.word}`),
  ];
  for (const [name] of texts) shapes.push(get((target) => `${at}?filters[${name}][$containsi]=${target.word}`));
  for (const [name, { type: kind, target: uid }] of relations) {
    shapes.push(get((target) => `${at}?filters[${name}][documentId][$eq]=${target.documentId}`));
    const other = uid ? types.get(uid) : undefined;
    const words = other ? Object.entries(other.attributes).filter(([, { type: kind }]) => TEXTS.has(kind)) : [];
    for (const [word] of words)
      shapes.push(get((target) => `${at}?filters[${name}][${word}][$containsi]=${target.word}`));
    shapes.push((target) => ({
      method: 'POST',
      path: `${at}?populate=*`,
      body: JSON.stringify({ data: { [name]: kind === 'media' ? target.file : [target.documentId] } }),
    }));
  }
  return shapes;
}

/** Lists of a content type, in every order and with whatever leads on from its documents. */
export function listPaths(type: ContentType): string[] {
  const at = `/api/${type.route}`;
  const attributes = Object.entries(type.attributes);
  const relations = attributes
    .filter(([, { type: kind }]) => kind === 'relation' || kind === 'media')
    .map(([name]) => name);
  const sorted = attributes.filter(([, { type: kind }]) => SORTED.has(kind)).map(([name]) => name);
  return [
    at,
    `${at}?populate=*`,
    `${at}?pagination[pageSize]=1&pagination[withCount]=true`,
    `${at}?status=draft&populate=*`,
    ...sorted.flatMap((name) => [`${at}?sort=${name}:asc`, `${at}?sort=${name}:desc&pagination[pageSize]=1`]),
    ...relations.flatMap((name) => [
      `${at}?populate[${name}][populate]=*`,
      `${at}?sort=${name}.createdAt`,
      `${at}?filters[${name}][documentId][$notNull]=true`,
      `${at}?filters[$not][${name}][documentId][$null]=true`,
    ]),
  ];
}

/** Ways to name a document to any other route. Routes with nothing to name get it in the query, or the body. */
export function routeRequests(route: Route, uid: string): Shape[] {
  const { method } = route;
  const path = (target: Target) => fillPath(route.path, uid, target);
  if (method === 'GET' || method === 'HEAD') {
    const query = (target: Target) => `vehicle=${target.documentId}&id=${target.documentId}&q=${target.word}`;
    return [get(path), get((target) => `${path(target)}?${query(target)}`)].map((shape) => (target: Target) => ({
      ...shape(target),
      method,
    }));
  }
  const known = Object.entries(BODIES).filter(([end]) => route.path.endsWith(end));
  const bodies = known.flatMap(([, list]) => list.map((body) => JSON.stringify(body)));
  const shapes: Shape[] = [undefined, '{}', ...bodies].map((body) => (target) => ({
    method,
    path: path(target),
    body,
  }));
  return route.path.includes('{')
    ? shapes
    : [...shapes, (target) => ({ method, path: path(target), body: nameInBody(target) })];
}

/** Files and users are known by their numbers. */
export function idOf(uid: string, { id, documentId }: Target): string {
  return uid === FILES || uid === 'plugin::users-permissions.user' ? id : documentId;
}

/** A document as what a request names. */
export function targetOf({ uid, documentId, id, mark }: OwnedDocument): Target {
  return { documentId, id: String(id ?? 0), file: uid === FILES && id ? id : NO_FILE, word: mark.text };
}

function fillPath(path: string, uid: string, target: Target): string {
  let used = false;
  return path.replace(/\{\*?([^}]+)\}/g, (_, name: string) => {
    if (name === 'uid') return encodeURIComponent(uid);
    if (used) return name === 'page' || name === 'number' ? '1' : target.documentId;
    used = true;
    return path.startsWith('/api/upload/') || path.startsWith('/api/users') ? target.id : target.documentId;
  });
}

function nameInBody({ documentId, word }: Target): string {
  return JSON.stringify({ id: word, vehicle: documentId, orderNo: word, step: 'ontwerp', state: 'done' });
}
