// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import en from '@/i18n/en/fields.json';
import nl from '@/i18n/nl/fields.json';
import { labelOf } from './label';
import { fieldDisplays } from './displays';
import { filterInputs } from './filterInputs';
import { registry } from './registry';
import type { FieldKind } from './types';

/** The keys of texts, without their plural forms. */
function keys(texts: object, at = ''): string[] {
  return Object.entries(texts).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? keys(value, `${at}${key}.`) : [`${at}${key}`],
  );
}

describe('the registry', () => {
  it('has a name in both languages for each kind, and for each operator', () => {
    for (const texts of [en, nl]) {
      expect(Object.keys(texts.kind).toSorted()).toEqual(Object.keys(registry).toSorted());
      for (const ui of Object.values(registry))
        for (const operator of ui.operators) expect(texts.operator).toHaveProperty([operator]);
    }
  });

  it('agrees with the displays of lists', () => {
    for (const [kind, reading] of Object.entries(fieldDisplays))
      expect(registry[kind as FieldKind]).toMatchObject(reading);
  });

  it('has a filter for each kind that has operators', () => {
    for (const [kind, Filter] of Object.entries(filterInputs))
      expect(Filter !== null).toBe(registry[kind as FieldKind].operators.length > 0);
  });

  it('has the same texts in both languages', () => {
    expect(keys(nl).toSorted()).toEqual(keys(en).toSorted());
  });

  it('converts names to labels', () => {
    expect(labelOf('happenedOn')).toBe('Happened on');
    expect(labelOf('video_url')).toBe('Video URL');
    expect(labelOf('SEO')).toBe('SEO');
    expect(labelOf('seo')).toBe('SEO');
    expect(labelOf('relatedIds')).toBe('Related IDs');
    expect(labelOf('btwNummer')).toBe('BTW nummer');
    expect(labelOf('kvk')).toBe('KvK');
    // Only whole words: nothing of what an idea is.
    expect(labelOf('ideaUrl2')).toBe('Idea url2');
    expect(labelOf('iOSVersion2')).toBe('I OS version2');
  });
});
