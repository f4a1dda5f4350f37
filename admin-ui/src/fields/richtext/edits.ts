/** A text and what is selected in it. */
export interface TextSelection {
  text: string;
  from: number;
  to: number;
}

/** Puts marks around what is selected, or takes them away where they are. */
export function wrapSelection({ text, from, to }: TextSelection, mark: string): TextSelection {
  const inside = text.slice(from, to);
  const size = mark.length;
  if (text.slice(from - size, from) === mark && text.slice(to, to + size) === mark) {
    return { text: text.slice(0, from - size) + inside + text.slice(to + size), from: from - size, to: to - size };
  }
  if (inside.length >= 2 * size && inside.startsWith(mark) && inside.endsWith(mark)) {
    const bare = inside.slice(size, -size);
    return { text: text.slice(0, from) + bare + text.slice(to), from, to: from + bare.length };
  }
  return { text: text.slice(0, from) + mark + inside + mark + text.slice(to), from: from + size, to: to + size };
}

/** Puts a prefix before each selected line, or takes it away where all have it. */
export function prefixLines(
  { text, from, to }: TextSelection,
  before: (line: number) => string,
  pattern: RegExp,
): TextSelection {
  const start = text.lastIndexOf('\n', from - 1) + 1;
  const ending = text.indexOf('\n', to);
  const end = ending < 0 ? text.length : ending;
  const lines = text.slice(start, end).split('\n');
  const all = lines.every((line) => pattern.test(line));
  const changed = lines.map((line, at) => (all ? line.replace(pattern, '') : before(at + 1) + line)).join('\n');
  return { text: text.slice(0, start) + changed + text.slice(end), from: start, to: start + changed.length };
}

/** Puts a text where the selection is; `select` is the part of it that is selected then. */
export function insertText(
  { text, from, to }: TextSelection,
  inserted: string,
  select?: { from: number; to: number },
): TextSelection {
  const at = select ?? { from: inserted.length, to: inserted.length };
  return { text: text.slice(0, from) + inserted + text.slice(to), from: from + at.from, to: from + at.to };
}

/** `[text](url)` around what is selected. */
export function insertLink(selected: TextSelection): TextSelection {
  const inside = selected.text.slice(selected.from, selected.to);
  const markdown = `[${inside}](https://)`;
  const from = inside ? inside.length + 3 : 1;
  return insertText(selected, markdown, inside ? { from, to: markdown.length - 1 } : { from, to: from });
}
