/** Characters of a text that are read for a line of it. */
const READ_CHARS = 1000;

/** Marks at the beginning of a line: headings, quotes, lists, tasks. One line may have several. */
const LINE_MARKS = /^[ \t]*(?:(?:#{1,6}|>|[-*+]|\d{1,9}[.)])(?:[ \t]+|$)(?:\[[ xX]\][ \t]+)?|>)/;

/** Lines that are nothing but marks: rules, underlines of headings, fences of code, the line below the head of a table. */
const MARK_LINE = /^[ \t]*(?:(?:[-*_=][ \t]*){2,}|(?:`{3,}|~{3,}).*|\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t:-]*)+)$/;

/** What stands around words, with the words between: pictures and links, addresses, code, emphasis. */
const INLINE_MARKS: readonly [RegExp, string][] = [
  [/!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1'],
  [/<((?:https?:|mailto:)[^\s>]+)>/g, '$1'],
  [/<\/?[a-z][^>]*>/gi, ''],
  [/(`+)([^`]+)\1/g, '$2'],
  [/(\*{1,3}|~~)(?=\S)([^*~]*?[^\s*~])\1/g, '$2'],
  [/(?<![\p{L}\d_])(_{1,3})(?=\S)([^_]*?[^\s_])\1(?![\p{L}\d_])/gu, '$2'],
];

/** The beginning of a Markdown text as it is read, without its marks: for a line about it. */
export function toMarkdownText(source: string): string {
  const lines = hideEscaped(source.slice(0, READ_CHARS)).split('\n');
  const words = lines.filter((line) => !MARK_LINE.test(line)).map(withoutLineMarks);
  let text = words.join('\n');
  // Emphasis in emphasis: the outer marks are found once the inner ones are gone.
  for (let round = 0; round < 2; round += 1)
    for (const [marks, inner] of INLINE_MARKS) text = text.replaceAll(marks, inner);
  return showEscaped(text).trim();
}

/** Where characters that a backslash escapes wait, as others that no text has: they are no marks. */
const HIDDEN = 0xe000;

function hideEscaped(text: string): string {
  return text.replaceAll(/\\([!-/:-@[-`{-~])/g, (_, escaped: string) =>
    String.fromCharCode(HIDDEN + escaped.charCodeAt(0)),
  );
}

function showEscaped(text: string): string {
  return text.replaceAll(/[\ue021-\ue07e]/g, (hidden) => String.fromCharCode(hidden.charCodeAt(0) - HIDDEN));
}

function withoutLineMarks(line: string): string {
  let rest = line;
  while (LINE_MARKS.test(rest)) rest = rest.replace(LINE_MARKS, '');
  return /^[ \t]*\|.*\|[ \t]*$/.test(rest) ? rest.replaceAll('|', ' ') : rest;
}
