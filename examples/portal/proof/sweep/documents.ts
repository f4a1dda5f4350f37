import { randomBytes } from 'node:crypto';
import type { Door } from '../world/door.ts';
import type { Mark, Marks } from '../world/marks.ts';
import type { ContentType } from './routes.ts';

/** Content type of files. */
export const FILES = 'plugin::upload.file';

/** A document that holds marks of one person. */
export interface OwnedDocument {
  uid: string;
  documentId: string;
  /** The document's number, where routes know it by that. */
  id: number | undefined;
  tenant: string;
  owner: string;
  /** A mark that the document has. */
  mark: Mark;
}

interface Row {
  id?: number;
  documentId: string;
}

/** Documents of a tenant with somebody's marks, in whatever type, as an admin sees them. */
export async function findDocuments(
  admin: Door,
  tenant: string,
  types: ContentType[],
  marks: Marks,
): Promise<OwnedDocument[]> {
  const documents: OwnedDocument[] = [];
  for (const { uid } of types) {
    for (let page = 1; ; page += 1) {
      const query = `pagination[page]=${page}&pagination[pageSize]=100&populate=*`;
      const path = `/admin/api/content/${uid}?${query}`;
      const answer = await admin.send('GET', path);
      if (answer.status !== 200) break;
      const rows = (JSON.parse(answer.body) as { data: Row[] }).data;
      for (const row of rows) {
        const own = marks.find(JSON.stringify(row));
        const mark = own[0];
        if (mark && own.every(({ owner }) => owner === mark.owner)) {
          documents.push({ uid, documentId: row.documentId, id: row.id, tenant, owner: mark.owner, mark });
        }
      }
      if (rows.length < 100) break;
    }
  }
  return documents;
}

/** Files of a tenant that are named by somebody's marks, as a full-access token sees them: private ones, too. */
export async function findFiles(root: Door, tenant: string, marks: Marks): Promise<OwnedDocument[]> {
  const rows = await root.call<(Row & { name: string })[]>('GET', '/api/upload/files');
  return rows.flatMap(({ id, documentId, name }) => {
    const [mark] = marks.find(name);
    return mark ? [{ uid: FILES, documentId, id, tenant, owner: mark.owner, mark }] : [];
  });
}

/** So many documents of a list, of as many types as there are. */
export function pickDocuments(documents: OwnedDocument[], count: number): OwnedDocument[] {
  const byType = new Map<string, OwnedDocument[]>();
  for (const document of documents) byType.set(document.uid, [...(byType.get(document.uid) ?? []), document]);
  const picked: OwnedDocument[] = [];
  for (let at = 0; picked.length < Math.min(count, documents.length); at += 1) {
    for (const list of byType.values()) {
      const document = list[at];
      if (document && picked.length < count) picked.push(document);
    }
  }
  return picked;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** An id like those of documents, of none that there is. */
export function missingId(like: string): string {
  return [...randomBytes(like.length)].map((byte, at) => ALPHABET[at === 0 ? byte % 26 : byte % 36]).join('');
}

/** A word like a mark, which is planted nowhere. */
export function missingWord(like: string): string {
  return like.startsWith('mk') ? `mk${randomBytes(8).toString('hex')}` : like.replace(/\d(?=[^.]*$)/g, '0');
}
