/**
 * The browser's clipboard, which is not there without https, and which may refuse. What was copied is therefore kept for
 * the other tabs of this browser too.
 */
const place = 'cairn.clipboard';

export function writeClipboard(text: string): void {
  try {
    localStorage.setItem(place, text);
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
    return localStorage.getItem(place);
  } catch {
    return null;
  }
}
