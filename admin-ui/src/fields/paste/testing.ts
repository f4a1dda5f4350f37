import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { act } from '@testing-library/react';
import type { Clip } from './clipboard';

// For tests alone: nothing of the product imports this.

/** A clipboard that a program filled; `clipboards/README.md` says how. */
export function clipOf(name: string, more: Partial<Clip> = {}): Clip {
  return { ...emptyClip, html: clipboardFile(`${name}.html`), ...more };
}

export function clipboardFile(name: string): string {
  return readFileSync(join(import.meta.dirname, 'clipboards', name), 'utf8');
}

export const emptyClip: Clip = { html: '', text: '', rtf: '', files: [], codeLanguage: null, plain: false };

/** What an event of pasting or dropping brings, which jsdom has not. */
export function transferOf(types: Record<string, string>, files: File[] = []): DataTransfer {
  return {
    getData: (type: string) => types[type] ?? '',
    files,
    types: [...Object.keys(types), ...(files.length > 0 ? ['Files'] : [])],
    items: [],
  } as unknown as DataTransfer;
}

/** Waits until the parts of a field that load late are drawn; the test has loaded them before. */
export async function partsAreThere(): Promise<void> {
  await act(() => new Promise((resolve) => setTimeout(resolve, 20)));
}
