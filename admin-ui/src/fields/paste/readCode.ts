const LINES = new Set(['div', 'p', 'li', 'tr']);

/** The text of code, line by line. */
export function codeOf(element: Element): string {
  let text = '';
  const newLine = () => {
    if (text !== '' && !text.endsWith('\n')) text += '\n';
  };
  const walk = (parent: Element, depth: number): void => {
    for (let node = parent.firstChild; node; node = node.nextSibling) {
      if (node.nodeType === 3) text += node.nodeValue ?? '';
      if (node.nodeType !== 1) continue;
      const child = node as Element;
      const tag = child.localName;
      if (tag === 'script' || tag === 'style') continue;
      if (tag === 'br') {
        // An empty line is an element with a break in it.
        text += '\n';
        continue;
      }
      if (depth > 200) {
        text += child.textContent ?? '';
        continue;
      }
      const line = LINES.has(tag);
      if (line) newLine();
      walk(child, depth + 1);
      if (line) newLine();
    }
  };
  walk(element, 0);
  return text.replaceAll('\r\n', '\n').replaceAll('\u00a0', ' ').replace(/^\n/, '').replace(/\s+$/, '');
}

/** The language that code says it is in. */
export function languageOf(element: Element): string | null {
  const inner = element.querySelector('code');
  for (const each of [element, inner, element.parentElement]) {
    const said = each?.getAttribute('data-language') ?? each?.getAttribute('data-lang');
    const named = /\b(?:language|lang|highlight-source|brush:)[-\s]*([\w+#-]+)/i.exec(
      each?.getAttribute('class') ?? '',
    );
    const language = (said ?? named?.[1])?.toLowerCase();
    if (language && /^[\w+#-]{1,30}$/.test(language)) return language === 'plaintext' ? null : language;
  }
  return null;
}
