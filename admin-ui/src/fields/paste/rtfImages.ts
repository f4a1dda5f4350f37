/**
 * Pictures in the RTF that Word and LibreOffice put beside their HTML, whose pictures are files on the disk of whoever copied them, which no page may read.
 * In the order of the text; `null` is a picture of a kind that browsers do not show.
 */
export function imagesOfRtf(rtf: string): (string | null)[] {
  const found: (string | null)[] = [];
  const bullets = rtf.indexOf('{\\*\\listpicture');
  let at = bullets < 0 ? 0 : groupEnd(rtf, bullets);
  for (;;) {
    const start = rtf.indexOf('{\\pict', at);
    if (start < 0) return found;
    const end = groupEnd(rtf, start);
    at = end;
    // The same picture again, for programs that know less.
    if (/\{\\nonshppict\s*$/.test(rtf.slice(Math.max(0, start - 20), start))) continue;
    found.push(readPicture(rtf.slice(start, end)));
  }
}

/** Behind the brace that closes a group. */
function groupEnd(rtf: string, start: number): number {
  let depth = 0;
  const brace = /\\[\\{}]|[{}]/g;
  brace.lastIndex = start;
  for (let match = brace.exec(rtf); match; match = brace.exec(rtf)) {
    if (match[0] === '{') depth += 1;
    else if (match[0] === '}') depth -= 1;
    if (depth === 0) return brace.lastIndex;
  }
  return rtf.length;
}

function readPicture(group: string): string | null {
  const type = /\\pngblip\b/.test(group) ? 'image/png' : /\\jpegblip\b/.test(group) ? 'image/jpeg' : null;
  if (!type) return null;
  // The properties of a picture are groups of their own; what remains between the control words are its bytes.
  const plain = withoutGroups(group.slice(1, -1));
  const hex = plain.replaceAll(/\\[a-z]+-?\d* ?/gi, '').replaceAll(/\s+/g, '');
  if (hex.length < 16 || hex.length % 2 > 0 || !/^[\da-f]+$/i.test(hex)) return null;
  let binary = '';
  for (let at = 0; at < hex.length; at += 2) binary += String.fromCharCode(Number.parseInt(hex.slice(at, at + 2), 16));
  return `data:${type};base64,${btoa(binary)}`;
}

function withoutGroups(text: string): string {
  let out = '';
  let depth = 0;
  let from = 0;
  for (const { 0: brace, index } of text.matchAll(/[{}]/g)) {
    if (depth === 0) out += `${text.slice(from, index)} `;
    depth += brace === '{' ? 1 : -1;
    from = index + 1;
  }
  return out + (depth === 0 ? text.slice(from) : '');
}
