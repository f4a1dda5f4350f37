import type { KeyboardEvent } from 'react';

const LINE = '[data-type-line]';

/**
 * The keys of a list of lines that is one stop of the Tab key, whatever its length: up and down lead from line to line, Home and End to its
 * ends, right to the line's button and left back to its link.
 */
export function moveThroughLines(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const lines = [...event.currentTarget.querySelectorAll<HTMLElement>(LINE)];
  const at = lines.findIndex((line) => line.contains(document.activeElement));
  if (at < 0) return;
  const onButton = document.activeElement instanceof HTMLButtonElement;
  const next: Record<string, [line: number, button: boolean]> = {
    ArrowDown: [Math.min(at + 1, lines.length - 1), onButton],
    ArrowUp: [Math.max(at - 1, 0), onButton],
    Home: [0, onButton],
    End: [lines.length - 1, onButton],
    ArrowRight: [at, true],
    ArrowLeft: [at, false],
  };
  const [line, button] = next[event.key] ?? [];
  if (line === undefined) return;
  event.preventDefault();
  lines[line]?.querySelector<HTMLElement>(button ? 'button' : 'a')?.focus();
}
