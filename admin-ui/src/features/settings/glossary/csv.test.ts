// @vitest-environment jsdom
import { expect, it } from 'vitest';
import type { GlossaryTerms } from '@/api/glossary';
import { readCsv, type TermImport, toCsv } from './csv';
import { newTermKey } from './termKey';

const terms: GlossaryTerms = {
  delivery: {
    words: { en: 'delivery', nl: 'aflevering', de: 'Lieferung' },
    note: 'Of a "vehicle", new',
    translate: true,
  },
  cairn: { words: { en: 'Cairn' }, translate: false },
};
const read = (text: string, of = terms) => readCsv(text, of, ['en', 'nl']) as TermImport;

it('writes a table that it reads as no change', () => {
  const csv = toCsv(terms, ['en', 'nl']);
  expect(csv).toBe(
    '\uFEFFkey,en,nl,note,translate\r\ndelivery,delivery,aflevering,"Of a ""vehicle"", new",\r\ncairn,Cairn,,,no\r\n',
  );
  expect(read(csv)).toEqual({ changes: {}, added: 0, changed: 0, skipped: [] });
});

it('writes no formulas for spreadsheets, and reads back the words', () => {
  const words = ['=HYPERLINK("http://a.example")', '-ing', '+31', '@home', "'t Gooi"];
  const all = Object.fromEntries(words.map((en, at) => [`term-${at}`, { words: { en }, translate: true }]));
  const csv = toCsv(all, ['en']);
  const cells = csv
    .split('\r\n')
    .slice(1, 6)
    .map((line) => line.split(',')[1]);
  expect(cells).toEqual([`"'=HYPERLINK(""http://a.example"")"`, `"'-ing"`, `"'+31"`, `"'@home"`, "'t Gooi"]);
  expect(readCsv(csv, all, ['en'])).toEqual({ changes: {}, added: 0, changed: 0, skipped: [] });
});

it('finds the terms that are there by key or word, and leaves languages without a column', () => {
  const found = read('EN;NL\r\nDelivery;levering\r\ninvoice;factuur\r\n;\r\n;\r\n"a; b";"c\nd"');
  expect(found).toMatchObject({ added: 2, changed: 1, skipped: [] });
  expect(found.changes.delivery).toEqual({
    words: { en: 'Delivery', nl: 'levering', de: 'Lieferung' },
    note: 'Of a "vehicle", new',
    translate: true,
  });
  const [, invoice, quoted] = Object.entries(found.changes);
  expect(invoice?.[0]).toMatch(/^invoice-[0-9a-f]{6}$/);
  expect(invoice?.[1]).toEqual({ words: { en: 'invoice', nl: 'factuur' }, translate: true });
  expect(quoted?.[1].words).toEqual({ en: 'a; b', nl: 'c\nd' });
  expect(read('key\tnl\ndelivery\tbezorging').changes.delivery?.words).toEqual({
    en: 'delivery',
    nl: 'bezorging',
    de: 'Lieferung',
  });
});

it('reads rows of one term as one, and says which rows have no word', () => {
  const found = read('en,note,translate\nLego,,no\nlego,A brand,nee\n,Nothing,\n', {});
  expect(found).toMatchObject({ added: 1, changed: 0, skipped: [4] });
  expect(Object.values(found.changes)).toEqual([{ words: { en: 'lego' }, note: 'A brand', translate: false }]);
});

it('refuses a table without a language of the site', () => {
  expect(readCsv('term,translation\na,b', terms, ['en', 'nl'])).toBe('noLanguage');
  expect(readCsv('', terms, ['en', 'nl'])).toBe('noLanguage');
});

it('makes keys that the server takes, each another one', () => {
  expect(newTermKey('Château d’eau')).toMatch(/^chateau-d-eau-[0-9a-f]{6}$/);
  expect(newTermKey('配送')).toMatch(/^term-[0-9a-f]{6}$/);
  expect(newTermKey('a')).not.toBe(newTermKey('a'));
  expect(newTermKey('x'.repeat(200)).length).toBeLessThanOrEqual(60);
});
