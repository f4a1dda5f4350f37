import type { MouseEvent } from 'react';
import { request } from './client';

/**
 * Has the browser fetch a file that is only for who has shown lately who they are. That is asked first: a browser that follows a link to what is refused
 * leaves the page for the refusal.
 */
async function downloadFile(address: string): Promise<void> {
  await request('GET', '/admin/api/session/lately');
  const link = document.createElement('a');
  link.href = address;
  link.download = '';
  link.click();
}

/** Hands what was fetched to the reader as a file. */
export function downloadBlob(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** For links to such files. Whoever would rather not sign in has no file; where the server cannot be reached, the frame says so. */
export function downloadOnClick(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  downloadFile(event.currentTarget.href).catch(() => {});
}
