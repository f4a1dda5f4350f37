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

/** Inserts a part of its own, with blank lines between it and the text around it. */
export function insertPart({ text, from, to }: TextSelection, part: string): TextSelection {
  const before = text.slice(0, from);
  const after = text.slice(to);
  const lead = before.trim() === '' ? '' : before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n';
  const tail = after.trim() === '' ? '' : after.startsWith('\n\n') ? '' : after.startsWith('\n') ? '\n' : '\n\n';
  return insertText({ text, from, to }, lead + part + tail, {
    from: lead.length + part.length,
    to: lead.length + part.length,
  });
}

/** Whether a place is in a block of code. */
export function isInCode(text: string, at: number): boolean {
  return (text.slice(0, at).match(/^ {0,3}(?:```|~~~)/gm) ?? []).length % 2 === 1;
}

/** The offset of a place after a change of the text; null if what was around it is gone. */
export function moveOffset(before: string, after: string, offset: number): number | null {
  if (before === after) return offset;
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < most - start && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end))
    end += 1;
  if (offset <= start) return offset;
  if (offset >= before.length - end) return offset + after.length - before.length;
  return null;
}

/** `[text](url)` around what is selected. */
export function insertLink(selected: TextSelection): TextSelection {
  const inside = selected.text.slice(selected.from, selected.to);
  const markdown = `[${inside}](https://)`;
  const from = inside ? inside.length + 3 : 1;
  return insertText(selected, markdown, inside ? { from, to: markdown.length - 1 } : { from, to: from });
}
