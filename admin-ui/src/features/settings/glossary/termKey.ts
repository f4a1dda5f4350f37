/** A key for a new term, of its word and a few random signs: two people who add a term at the same time do not replace each other's. */
export function newTermKey(word: string): string {
  const plain = word
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replaceAll(/^-+|-+$/g, '');
  const random = [...crypto.getRandomValues(new Uint8Array(3))].map((byte) => byte.toString(16).padStart(2, '0'));
  return `${plain || 'term'}-${random.join('')}`;
}
