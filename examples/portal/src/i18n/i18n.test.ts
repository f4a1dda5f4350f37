import { describe, expect, test } from 'vitest';
import { en } from './en.ts';
import { Format } from './format.ts';
import { nl } from './nl.ts';
import { chooseLanguage, type TextKey, translate } from './texts.ts';

test('texts name the same values in both languages', () => {
  const names = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const key of Object.keys(en) as TextKey[]) {
    expect(nl[key], key).not.toBe('');
    expect(names(nl[key]), key).toEqual(names(en[key]));
  }
});

test('values are filled in as they are', () => {
  expect(translate('en', 'action.sign', { title: '{title} $& <b>' })).toBe('Sign: {title} $& <b>');
  expect(translate('nl', 'step.since', {})).toBe('sinds {day}');
  expect(translate('nl', 'kind.waiver' as TextKey)).toBe('waiver');
});

test('the language is the chosen one, then the browser’s, then the tenant’s', () => {
  expect(chooseLanguage('en', 'nl', ['nl', 'en'])).toBe('en');
  expect(chooseLanguage(undefined, 'de, en-GB;q=0.8, nl;q=0.5', ['nl', 'en'])).toBe('en');
  expect(chooseLanguage(undefined, 'en;q=0, *;q=0.1', ['nl', 'en'])).toBe('nl');
  expect(chooseLanguage('en', 'en', ['nl'])).toBe('nl');
  expect(chooseLanguage('toString', null, ['en', 'nl'])).toBe('en');
});

describe('formats', () => {
  const [dutch, english] = [new Format('nl', 'Europe/Amsterdam'), new Format('en', 'Europe/Amsterdam')];

  test('a time has the short name of its zone, in summer and winter', () => {
    const plain = (text: string) => text.replace(/\u00a0/g, ' ');
    expect(plain(english.time('2026-07-01T15:00:00.000Z'))).toBe('1 July 2026 at 17:00 CEST');
    expect(plain(dutch.time('2026-01-01T23:30:00.000Z'))).toBe('2 januari 2026 om 00:30 CET');
  });

  test('a day is that day, whatever the zone', () => {
    expect(new Format('en', 'America/Los_Angeles').day('2026-03-01')).toBe('1 March 2026');
    expect(dutch.day('2026-03-01T23:30:00.000Z')).toBe('2 maart 2026');
    for (const none of [null, undefined, '', 'soon']) expect([dutch.day(none), dutch.time(none)]).toEqual(['', '']);
  });

  test('amounts have cents, also where there are none', () => {
    const plain = (text: string) => text.replace(/\u00a0/g, ' ');
    expect(plain(dutch.money(292_500, 'EUR'))).toBe('€ 292.500,00');
    expect(english.money(1_234.5, 'GBP')).toBe('£1,234.50');
    expect(english.money(1, 'nonsense')).toBe('€1.00');
  });

  test('measured values have a dash for none, and as many decimals as they need', () => {
    const plain = (text: string) => text.replace(/\u00a0/g, ' ');
    expect([1_234.5, 99.44, 0.12345, 0].map((value) => plain(dutch.measure(value, 'bar')))).toEqual([
      '1.235 bar',
      '99,4 bar',
      '0,123 bar',
      '0 bar',
    ]);
    expect([dutch.measure(null, 'bar'), english.measure(5, null)]).toEqual(['–', '5']);
  });

  test('durations are words, and times of a run are clocks', () => {
    expect([0, 59.6, 125, 3_725].map((seconds) => english.clock(seconds))).toEqual(['0:00', '1:00', '2:05', '1:02:05']);
    expect([english.duration(0), english.duration(125)].join()).toMatch(/^0 sec\w*,2 min\w* 5 sec\w*$/);
    expect([english.month('2026-03'), dutch.month('2026-03'), dutch.month(null)]).toEqual([
      'March 2026',
      'maart 2026',
      '',
    ]);
  });

  test('sizes are of bytes and words of the language', () => {
    const plain = (text: string) => text.replace(/\u00a0/g, ' ');
    expect([0.2, 83.4, 1_250, 12_400].map((size) => plain(dutch.size(size)))).toEqual([
      '1 kB',
      '83 kB',
      '1,3 MB',
      '12 MB',
    ]);
  });
});
