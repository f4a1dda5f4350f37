/** Puts a text on the clipboard. Answers whether it is there: pages without TLS have no clipboard, and browsers may refuse it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
