import type { Page } from 'playwright-core';

/** What somebody did with their hands, as the browser saw it. */
export interface InputCount {
  /** Presses of a mouse button, and taps of a finger. */
  clicks: number;
  /** Keys besides the text. A chord is one key. */
  keys: number;
  /** Characters typed into fields. */
  letters: number;
  /** Pages loaded by an address, not by a link of the admin: from the address bar, or by a reload. */
  loads: number;
}

/** How a page calls the function that hears of its events. */
const NOTE = 'cairnNoteInput';

/** Where the events of a page are counted now. */
const counts = new WeakMap<Page, InputCount>();

/**
 * Begins to count clicks and keys in a page, at the documented start of a task. Answers what ends the count. Only events that the browser calls
 * trusted count, in this page and in those that it goes on to: a test can press nothing unseen, and what a script makes up counts for nothing.
 */
export async function countInput(page: Page): Promise<() => Promise<InputCount>> {
  const isWatched = counts.has(page);
  const count: InputCount = { clicks: 0, keys: 0, letters: 0, loads: 0 };
  counts.set(page, count);
  if (!isWatched) await watchPage(page);
  return async () => {
    // Events are sent before the answer to this: they have arrived.
    await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => next(undefined))));
    return { ...count };
  };
}

async function watchPage(page: Page): Promise<void> {
  const note = (kind: keyof InputCount): void => {
    const count = counts.get(page);
    if (count) count[kind] += 1;
  };
  await page.exposeFunction(NOTE, note);
  await page.addInitScript(tellOfInput, NOTE);
  await page.evaluate(tellOfInput, NOTE);
  page.on('domcontentloaded', () => note('loads'));
}

/** Runs on the page: tells of each press and each key, before anything else hears of them. */
function tellOfInput(name: string): void {
  const tell = (kind: string): void => {
    (globalThis as unknown as Record<string, ((kind: string) => void) | undefined>)[name]?.(kind);
  };
  const onPointer = (event: PointerEvent): void => {
    if (event.isTrusted) tell('clicks');
  };
  const onKey = (event: KeyboardEvent): void => {
    if (!event.isTrusted || ['Control', 'Shift', 'Alt', 'Meta'].includes(event.key)) return;
    const field = event.composedPath()[0];
    const takesText =
      field instanceof HTMLTextAreaElement ||
      (field instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit', 'file'].includes(field.type)) ||
      (field instanceof HTMLElement && field.isContentEditable);
    const isCharacter = event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey;
    tell(takesText && isCharacter ? 'letters' : 'keys');
  };
  window.addEventListener('pointerdown', onPointer, { capture: true });
  window.addEventListener('keydown', onKey, { capture: true });
}
