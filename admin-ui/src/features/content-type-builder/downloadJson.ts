import { downloadBlob } from '@/api/download';

/** Hands a value to the reader as a file. */
export function downloadJson(name: string, value: unknown): void {
  downloadBlob(name, new Blob([`${JSON.stringify(value, null, 2)}\n`], { type: 'application/json' }));
}
