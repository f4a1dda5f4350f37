/**
 * The browser's clipboard, which is not there without https, and which may refuse. What was copied is therefore kept for
 * the other tabs of this browser too.
 */
const STORAGE_KEY = 'cairn.clipboard';

export function writeClipboard(text: string): void {
  try {
    localStorage.setItem(STORAGE_KEY, text);
  } catch {
    // No place left, or none allowed: the clipboard itself remains.
  }
  void navigator.clipboard?.writeText(text).catch(() => undefined);
}

export async function readClipboard(): Promise<string | null> {
  try {
    const text = await navigator.clipboard.readText();
    if (text.includes('cairn/components')) return text;
  } catch {
    // Refused or absent.
  }
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}
