import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

const PATH = '/admin/api/backups';

/** All of a tenant at one moment, in one file. */
export type Backup = Schemas['Backup'];

/** What the server does with a backup, or did last. */
export type BackupRun = Schemas['BackupRun'];

export type BackupsState = Schemas['BackupsState'];

/** A new tenant, and by which hosts it is reached. */
export interface RestoreInput {
  tenant: string;
  hosts: string[];
}

/** So often it is asked how far the server is, in milliseconds. */
const POLL_MS = 1000;

const backupPath = (name: string): string => `${PATH}/${encodeURIComponent(name)}`;

/** Whether the server has something in hand; one at a time. */
export function isBusy(state: BackupsState | undefined): boolean {
  return state?.run != null && state.run.endedAt === null;
}

export const backupsQuery = queryOptions({
  queryKey: ['backups'],
  queryFn: async ({ signal }) => (await request<{ data: BackupsState }>('GET', PATH, { signal })).data,
  refetchInterval: (query) => isBusy(query.state.data) && POLL_MS,
});

/** Takes a backup and verifies it. */
export async function startBackup(): Promise<BackupRun> {
  return (await request<{ data: BackupRun }>('POST', PATH)).data;
}

export async function verifyBackup(name: string): Promise<BackupRun> {
  return (await request<{ data: BackupRun }>('POST', `${backupPath(name)}/verify`)).data;
}

/** Restores a backup into a new tenant, beside what is there. */
export async function restoreBackup(name: string, input: RestoreInput): Promise<BackupRun> {
  return (await request<{ data: BackupRun }>('POST', `${backupPath(name)}/restore`, { body: input })).data;
}

/** Where the file itself is. */
export function backupAddress(name: string): string {
  return backupPath(name);
}

export async function deleteBackup(name: string): Promise<void> {
  await request('DELETE', backupPath(name));
}
