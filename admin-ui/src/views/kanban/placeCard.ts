import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';

/** A card with the value that keeps its place in the column: greater values stand higher, `null` stands last. */
export interface RankedCard {
  id: string;
  rank: string | null;
}

/** What is saved for a card to stand where it was put. */
export interface Placement {
  /** The rank of the card that was moved. */
  rank: string;
  /** Ranks of other cards, which are saved first. */
  others: { id: string; rank: string }[];
}

/**
 * Ranks by which a card stands at an index of a column. `cards` are those that are loaded, in their order and without the card
 * itself; `nextRank` is that of the first that is not loaded. Cards above that have no rank, or none that is above what lies
 * below, get one as well: else the card would jump over them.
 */
export function placeCard(cards: readonly RankedCard[], index: number, nextRank: string | null): Placement {
  const isAboveAll = (rank: string | null): boolean => rank !== null && keyAbove(rank) === undefined;
  // A rank that no key is above can only be replaced, also where it lies below.
  const last = Math.max(index, cards.findLastIndex(({ rank }) => isAboveAll(rank)) + 1);
  const lower = keyAbove(cards[last]?.rank ?? (last < cards.length ? null : nextRank)) ?? null;
  let first = index;
  let upper: string | null = null;
  for (; first > 0; first -= 1) {
    const rank = cards[first - 1]?.rank ?? null;
    if (rank !== null && isKey(rank) && (lower === null || rank > lower)) {
      upper = rank;
      break;
    }
  }
  const [above, below] = [cards.slice(first, index), cards.slice(index, last)];
  const keys = generateNKeysBetween(lower, upper, above.length + 1 + below.length).toReversed();
  return {
    rank: keys[above.length] ?? '',
    others: [
      ...above.map(({ id }, at) => ({ id, rank: keys[at] ?? '' })),
      ...below.map(({ id }, at) => ({ id, rank: keys[above.length + 1 + at] ?? '' })),
    ],
  };
}

/** Whether a rank is a key of fractional indexing, and not something that was typed or imported. */
export function isKey(rank: string): boolean {
  if (!/^[A-Za-z][0-9A-Za-z]*$/.test(rank)) return false;
  try {
    generateKeyBetween(rank, null);
    return true;
  } catch {
    return false;
  }
}

/** A key that is not below a rank: itself where it is one. `null` where every key is above it, `undefined` where none is. */
function keyAbove(rank: string | null): string | null | undefined {
  if (rank === null || rank < 'A') return null;
  if (isKey(rank)) return rank;
  const head = rank.charCodeAt(0);
  // The first key of the next length is above all that begin with a letter.
  if (head < 'Z'.charCodeAt(0)) return String.fromCharCode(head + 1) + '0'.repeat('Z'.charCodeAt(0) - head);
  if (head < 'a'.charCodeAt(0)) return 'a0';
  if (head < 'z'.charCodeAt(0)) return String.fromCharCode(head + 1) + '0'.repeat(head - 'a'.charCodeAt(0) + 2);
  return undefined;
}
