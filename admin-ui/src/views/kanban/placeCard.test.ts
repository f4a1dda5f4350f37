import fc from 'fast-check';
import { generateKeyBetween } from 'fractional-indexing';
import { describe, expect, it } from 'vitest';
import { isKey, placeCard, type RankedCard } from './placeCard';

/** As the server sorts in descending order: by code point, those without a value last. */
function descending(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? 1 : -1;
}

/** A column after a move, as the server would list it. */
function listAfter(cards: readonly RankedCard[], index: number, nextRank: string | null): string[] {
  const { rank, others } = placeCard(cards, index, nextRank);
  const saved = new Map(others.map((other) => [other.id, other.rank]));
  const wanted = cards.map((card) => ({ id: card.id, rank: saved.get(card.id) ?? card.rank }));
  wanted.splice(index, 0, { id: 'moved', rank });
  return [...wanted, { id: 'next', rank: nextRank }]
    .toSorted((a, b) => descending(a.rank, b.rank))
    .map((card) => card.id);
}

/** Keys as moves leave them behind: each between two others. */
const keys = fc.array(fc.nat(), { minLength: 1, maxLength: 12 }).map((picks) => {
  const made: string[] = [];
  for (const pick of picks) {
    const at = pick % (made.length + 1);
    made.splice(at, 0, generateKeyBetween(made[at - 1], made[at]));
  }
  return made;
});
const key = fc.tuple(keys, fc.nat()).map(([made, pick]) => made[pick % made.length] ?? null);
const typed = fc.oneof(
  fc.string(),
  fc.stringMatching(/^[A-Za-z][0-9A-Za-z]{0,4}$/),
  fc.constantFrom('', 'é', 'zebra', 'z~', 'Z', 'a', '[', 'A00000000000000000000000000', '0|hzzzzz:'),
);
const rank = fc.oneof({ weight: 4, arbitrary: key }, { weight: 2, arbitrary: fc.constant(null) }, typed);

describe('placeCard', () => {
  it('puts a card between its neighbours', () => {
    const cards = [
      { id: 'a', rank: 'a2' },
      { id: 'b', rank: 'a1' },
    ];
    expect(placeCard(cards, 0, null)).toEqual({ rank: 'a3', others: [] });
    expect(placeCard(cards, 1, null)).toEqual({ rank: 'a1V', others: [] });
    expect(placeCard(cards, 2, null)).toEqual({ rank: 'a0', others: [] });
    expect(placeCard(cards, 2, 'a0')).toEqual({ rank: 'a0V', others: [] });
    expect(placeCard([], 0, null)).toEqual({ rank: 'a0', others: [] });
  });

  it('gives ranks to the cards above that have none', () => {
    const cards = ['a', 'b', 'c'].map((id) => ({ id, rank: null }));
    expect(placeCard(cards, 0, null)).toEqual({ rank: 'a0', others: [] });
    expect(placeCard(cards, 2, null)).toEqual({
      rank: 'a0',
      others: [
        { id: 'a', rank: 'a2' },
        { id: 'b', rank: 'a1' },
      ],
    });
  });

  it('replaces equal ranks', () => {
    const cards = ['a', 'b'].map((id) => ({ id, rank: 'a0' }));
    expect(placeCard(cards, 1, null)).toEqual({ rank: 'a1', others: [{ id: 'a', rank: 'a2' }] });
  });

  it('keeps the order down to the moved card, whatever the ranks were', () => {
    fc.assert(
      fc.property(fc.array(rank, { maxLength: 12 }), fc.nat(), fc.boolean(), (ranks, pick, hasMore) => {
        const sorted = ranks.toSorted(descending);
        const nextRank = hasMore ? (sorted.pop() ?? null) : null;
        // What no key is above cannot be gone past without its card.
        fc.pre(nextRank === null || nextRank < 'z' || isKey(nextRank));
        const cards = sorted.map((each, at) => ({ id: `card ${at}`, rank: each }));
        const index = pick % (cards.length + 1);
        const wanted = [...cards.slice(0, index).map(({ id }) => id), 'moved'];
        expect(listAfter(cards, index, nextRank).slice(0, wanted.length)).toEqual(wanted);
      }),
      { numRuns: 2000 },
    );
  });

  it('changes no other card where all ranks are keys', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 12 }), fc.nat(), (ranks, pick) => {
        const cards = ranks.toSorted(descending).map((each, at) => ({ id: `card ${at}`, rank: each }));
        expect(placeCard(cards, pick % (cards.length + 1), null).others).toEqual([]);
      }),
    );
  });
});
