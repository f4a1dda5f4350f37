/** What a `style` is called in HTML that is only read. */
const STYLE = 'data-pasted-style';

/** The inline style of an element that was read from quiet HTML. */
export function styleOf(element: Element): string | null {
  return element.getAttribute(STYLE) ?? element.getAttribute('style');
}

export const STYLED = `[${STYLE}],[style]`;

/**
 * HTML whose styles and handlers are named otherwise, without style sheets and scripts. A document that is only read runs none of them, but it belongs to
 * the page, whose content security policy complains of each one of them. In one pass, whatever is written.
 */
export function quietHtml(html: string): string {
  let out = '';
  let copied = 0;
  let at = html.indexOf('<');
  const replace = (from: number, to: number, by: string) => {
    out += html.slice(copied, from) + by;
    copied = to;
  };
  while (at >= 0) {
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at + 4);
      if (end < 0) break;
      at = html.indexOf('<', end);
      continue;
    }
    const name = wordAt(html, at + 1);
    if (!/^[a-z]/i.test(name)) {
      at = html.indexOf('<', at + 1);
      continue;
    }
    if (/^(?:style|script)$/i.test(name)) {
      const end = closingTag(html, at, name);
      replace(at, end, '');
      at = html.indexOf('<', end);
      continue;
    }
    const end = renameAttributes(html, at + 1 + name.length, replace);
    if (end < 0) break;
    at = html.indexOf('<', end);
  }
  return out + html.slice(copied);
}

function wordAt(html: string, at: number): string {
  const word = /[^\s/>=]{0,100}/y;
  word.lastIndex = at;
  return word.exec(html)?.[0] ?? '';
}

function closingTag(html: string, at: number, name: string): number {
  const closing = new RegExp(`</${name}[^>]*>`, 'gi');
  closing.lastIndex = at;
  return closing.exec(html) ? closing.lastIndex : html.length;
}

/** Behind the end of a tag, its attributes renamed; -1 where it has none. */
function renameAttributes(
  html: string,
  start: number,
  replace: (from: number, to: number, by: string) => void,
): number {
  let at = start;
  while (at < html.length) {
    const sign = html.charAt(at);
    if (sign === '>') return at + 1;
    if (/[\s/]/.test(sign)) {
      at += 1;
      continue;
    }
    const name = wordAt(html, at);
    if (/^style$/i.test(name)) replace(at, at + name.length, STYLE);
    else if (/^on[a-z]+$/i.test(name)) replace(at, at + name.length, 'data-pasted-handler');
    at += Math.max(1, name.length);
    const equals = /\s*=\s*/y;
    equals.lastIndex = at;
    const found = equals.exec(html);
    if (!found) continue;
    at = equals.lastIndex;
    const quote = html.charAt(at);
    if (quote === '"' || quote === "'") {
      const end = html.indexOf(quote, at + 1);
      if (end < 0) return -1;
      at = end + 1;
    } else {
      const value = /[^\s>]*/y;
      value.lastIndex = at;
      value.exec(html);
      at = Math.max(at, value.lastIndex);
    }
  }
  return -1;
}
