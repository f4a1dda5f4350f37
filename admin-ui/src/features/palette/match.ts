/** How well words fit a text: 0 not at all; the start of the text counts most, then the start of a word, then anywhere. */
export function matchScore(query: string, label: string, more = ''): number {
  const queryWords = normaliseText(query).split(/\s+/).filter(Boolean);
  const text = normaliseText(label);
  const rest = normaliseText(more);
  let total = 0;
  for (const word of queryWords) {
    const at = text.indexOf(word);
    if (at === 0) total += 4;
    else if (at > 0) total += /\W/.test(text[at - 1] ?? '') ? 3 : 2;
    else if (rest.includes(word)) total += 1;
    else return 0;
  }
  return total;
}

/** Without accents and capitals: whoever looks for `cafe` finds `Café`. */
function normaliseText(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
