const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** Whether an event is one of the keys that only change others. */
export function isModKey(event: KeyboardEvent): boolean {
  return ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key);
}

/** Whether an event is the combination `mod+Shift+P`, `?` or `g`. */
export function shortcutOf(event: KeyboardEvent, combination: string | undefined): boolean {
  if (!combination) return false;
  const parts = combination.split('+');
  const key = parts.pop() ?? '';
  const wants = (name: string): boolean => parts.some((part) => part.toLowerCase() === name);
  const mod = MAC ? event.metaKey : event.ctrlKey;
  const other = MAC ? event.ctrlKey : event.metaKey;
  // A sign such as ? is typed with Shift on some keyboards and without on others.
  const sign = key.length === 1 && !/[a-z0-9]/i.test(key);
  return (
    event.key.toLowerCase() === key.toLowerCase() &&
    mod === wants('mod') &&
    event.altKey === wants('alt') &&
    (sign || event.shiftKey === wants('shift')) &&
    !other
  );
}

/** The keys as they are printed on this machine's keyboard: `mod+S` is `Ctrl`, `S` or `⌘`, `S`. */
export function keyNames(combination: string): string[] {
  return combination.split('+').map((part) => {
    const name = part.toLowerCase();
    if (name === 'mod') return MAC ? '⌘' : 'Ctrl';
    if (name === 'alt') return MAC ? '⌥' : 'Alt';
    if (name === 'shift') return MAC ? '⇧' : 'Shift';
    return part.length === 1 ? part.toUpperCase() : part;
  });
}
