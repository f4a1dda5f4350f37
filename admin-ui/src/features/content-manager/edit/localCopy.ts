import type { Values } from '@/fields/form/values';

/** What was typed and has not reached the server, on this device. */
export interface LocalCopy {
  values: Values;
  /** What it was changed from. */
  base: Values;
  ids: Map<string, number>;
  /** The version that `base` was. */
  version: string | null;
  at: number;
}

const name = 'cairn-drafts';
const table = 'entries';

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const request = indexedDB.open(name, 1);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(table));
    request.addEventListener('success', () => done(request.result));
    request.addEventListener('error', () => failed(request.error ?? new Error('no local database')));
  });
}

async function runTransaction<Result>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await openDatabase();
  try {
    return await new Promise<Result>((done, failed) => {
      const transaction = database.transaction(table, mode);
      const request = act(transaction.objectStore(table));
      const refused = () => failed(transaction.error ?? new Error('the local database refused'));
      transaction.addEventListener('complete', () => done(request.result));
      transaction.addEventListener('error', refused);
      transaction.addEventListener('abort', refused);
    });
  } finally {
    database.close();
  }
}

/** Whose copy of what: two people on one device do not see each other's. */
export function copyKey(user: string, uid: string, documentId: string | undefined, locale: string | undefined): string {
  return [user, uid, documentId ?? 'new', locale ?? ''].join('|');
}

export function storeCopy(key: string, copy: LocalCopy): Promise<unknown> {
  return runTransaction('readwrite', (store) => store.put(copy, key));
}

export async function readCopy(key: string): Promise<LocalCopy | undefined> {
  return (await runTransaction('readonly', (store) => store.get(key))) as LocalCopy | undefined;
}

export function deleteCopy(key: string): Promise<unknown> {
  return runTransaction('readwrite', (store) => store.delete(key));
}
