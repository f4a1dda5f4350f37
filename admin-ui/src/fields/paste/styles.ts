/** What an inline style says of how text looks; nothing where it does not say. */
export interface TextStyle {
  bold?: boolean;
  italic?: boolean;
  underline?: boolean;
  strikethrough?: boolean;
  monospace?: boolean;
  preformatted?: boolean;
  raised?: boolean;
  coloured?: boolean;
  hidden?: boolean;
}

/** Declarations of a `style` attribute. The browser's own parser would drop what only Office knows (`mso-list`). */
export function declarations(style: string): Map<string, string> {
  const found = new Map<string, string>();
  // A semicolon in a quoted name of a font or in an address ends nothing.
  for (const part of style.match(/(?:[^;"'(]|"[^"]*"|'[^']*'|\([^)]*\)|["'(])+/g) ?? []) {
    const colon = part.indexOf(':');
    if (colon > 0) found.set(part.slice(0, colon).trim().toLowerCase(), part.slice(colon + 1).trim());
  }
  return found;
}

const MONOSPACE =
  /(?:^|[\s"',])(?:courier|consolas|menlo|monaco|mono(?:space)?\b|[\w ]*\bmono\b|source code|fira code|cascadia|lucida console|inconsolata)/i;

const PLAIN_COLOUR =
  /^(?:inherit|initial|unset|auto|windowtext|black|transparent|none|currentcolor|canvastext|rgba?\(0, ?0, ?0(?:, ?[\d.]+)?\)|#000(?:000)?)$/i;
const PLAIN_BACKGROUND =
  /^(?:inherit|initial|unset|none|transparent|window|white|rgba\(0, ?0, ?0, ?0\)|rgb\(255, ?255, ?255\)|#fff(?:fff)?)$/i;

const cache = new Map<string, TextStyle>();

/** Reads a style. Programs write the same one for each word: what was read is remembered. */
export function textStyle(style: string): TextStyle {
  let read = cache.get(style);
  if (!read) {
    if (cache.size > 2000) cache.clear();
    cache.set(style, (read = readStyle(declarations(style))));
  }
  return read;
}

function readStyle(found: Map<string, string>): TextStyle {
  const style: TextStyle = {};
  const weight = found.get('font-weight')?.toLowerCase();
  if (weight === 'bold' || weight === 'bolder') style.bold = true;
  else if (weight === 'normal' || weight === 'lighter') style.bold = false;
  else if (weight && /^\d+$/.test(weight)) style.bold = Number(weight) >= 600;
  const slant = found.get('font-style')?.toLowerCase();
  if (slant) style.italic = /italic|oblique/.test(slant) ? true : slant === 'normal' ? false : undefined;
  const line = (found.get('text-decoration-line') ?? found.get('text-decoration'))?.toLowerCase();
  if (line) {
    if (/underline/.test(line)) style.underline = true;
    if (/line-through/.test(line)) style.strikethrough = true;
    if (/^none\b/.test(line)) style.underline = style.strikethrough = false;
  }
  const font = found.get('font-family');
  if (font) style.monospace = MONOSPACE.test(font.split(',')[0] ?? '') || /^\s*monospace/i.test(font);
  const space = found.get('white-space-collapse') ?? found.get('white-space');
  if (space) style.preformatted = /^(?:pre|break-spaces|preserve)/i.test(space);
  const raised = found.get('vertical-align');
  if (raised && /^(?:super|sub)\b/i.test(raised)) style.raised = true;
  const colour = found.get('color');
  const background = found.get('background-color') ?? found.get('background');
  const highlight = found.get('mso-highlight');
  if ((colour && !PLAIN_COLOUR.test(colour)) || (background && !PLAIN_BACKGROUND.test(background)) || highlight)
    style.coloured = true;
  if (found.get('display')?.toLowerCase() === 'none' || found.get('mso-hide')?.toLowerCase() === 'all')
    style.hidden = true;
  return style;
}
