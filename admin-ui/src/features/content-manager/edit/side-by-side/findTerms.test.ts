// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import type { GlossaryTerms } from '@/api/glossary';
import { findMissing, findTerms } from './findTerms';

const term = (words: Record<string, string>, translate = true) => ({ words, translate });
const terms: GlossaryTerms = {
  delivery: { ...term({ en: 'Delivery', nl: 'Aflevering' }), note: 'Of a vehicle' },
  note: term({ en: 'delivery note', nl: 'afleverbon' }),
  cairn: term({ en: 'Cairn' }, false),
  dotnet: term({ en: '.NET', nl: '.NET' }),
  cpp: term({ en: 'C++', nl: 'C++' }),
  english: term({ en: 'gate' }),
  cafe: term({ en: 'café', nl: 'koffiehuis' }),
  driver: term({ en: 'driver’s licence', nl: 'rijbewijs' }),
  shipping: term({ en: 'shipping', ja: '配送' }),
};
const found = (text: string, to = 'nl', from = 'en') => findTerms(text, terms, from, to).map(({ key }) => key);

const missing = (source: string, translation: string) =>
  findMissing(translation, findTerms(source, terms, 'en', 'nl')).map(({ key }) => key);

describe('terms in a text', () => {
  it('are whole words in any case, and each is found once', () => {
    expect(found('DELIVERY on Monday; delivery by train.')).toEqual(['delivery']);
    expect(findTerms('A delivery', terms, 'en', 'nl')[0]).toEqual({
      key: 'delivery',
      source: 'Delivery',
      target: 'Aflevering',
      note: 'Of a vehicle',
      translate: true,
    });
    expect(found('Deliveries, redelivery, deliveryman, delivery_2')).toEqual([]);
    expect(found('Our delivery’s late. (delivery)')).toEqual(['delivery']);
  });

  it('are the longest that fit, over line ends too', () => {
    expect(found('The delivery note is lost.')).toEqual(['note']);
    expect(found('The delivery\n  note is lost, the delivery is not.')).toEqual(['note', 'delivery']);
    expect(found('delivery notes')).toEqual(['delivery']);
  });

  it('may have signs and accents', () => {
    expect(found('Written in .NET or in C++.')).toEqual(['dotnet', 'cpp']);
    expect(found('The net is old. C is older.')).toEqual([]);
    expect(found('The cafe\u0301 is open.')).toEqual(['cafe']);
    expect(found("Bring your driver's licence.")).toEqual(['driver']);
  });

  it('are those with a word in the other language; what is not translated has one in all', () => {
    expect(found('The gate of Cairn')).toEqual(['cairn']);
    expect(findTerms('Het hek van Cairn', terms, 'nl', 'en')[0]).toMatchObject({ source: 'Cairn', target: 'Cairn' });
  });

  it('need no spaces in languages without them', () => {
    expect(found('無料配送について', 'en', 'ja')).toEqual(['shipping']);
    expect(findMissing('無料配送', findTerms('Free shipping', terms, 'en', 'ja'))).toEqual([]);
  });

  it('are found among a thousand terms in a text of 50,000 characters', () => {
    const many: GlossaryTerms = Object.fromEntries(
      Array.from({ length: 1000 }, (_, at) => [`t${at}`, term({ en: `term number ${at}`, nl: `begrip ${at}` })]),
    );
    const text = 'A term of a number without an end, term number 999 among them. '.repeat(800).slice(0, 50_000);
    expect(findTerms(text, many, 'en', 'nl').map(({ key }) => key)).toEqual(['t999']);
    const all = Object.keys(many).map((_, at) => `term number ${at}`);
    expect(findTerms(all.join('; '), many, 'en', 'nl')).toHaveLength(1000);
  });
});

describe('terms that a translation lacks', () => {
  it('are those without the word of the glossary; endings and compounds are free', () => {
    expect(missing('The delivery', 'De levering')).toEqual(['delivery']);
    expect(missing('The delivery', 'De AFLEVERING')).toEqual([]);
    expect(missing('The delivery', 'Twee afleveringen')).toEqual([]);
    expect(missing('The delivery', 'De heraflevering')).toEqual(['delivery']);
    expect(missing('Cairn is fast', 'Steenhoop is snel')).toEqual(['cairn']);
  });

  it('are none as long as nothing is translated', () => {
    expect(missing('The delivery', '')).toEqual([]);
    expect(missing('The delivery', ' \n ')).toEqual([]);
  });
});
