import { describe, expect, it } from 'vitest';
import type { Schema, SchemaAttribute } from '@/api/schemaChanges';
import {
  hasLongText,
  textFor,
  textIn,
  trimTexts,
  withNameInPresentation,
  withPresentation,
  withTextIn,
} from './presentation';

const attribute = (cairn?: object, more: object = {}): SchemaAttribute => ({
  type: 'string',
  ...(cairn ? { pluginOptions: { ...more, cairn } } : {}),
});

describe('texts for editors', () => {
  it('are read and written by language; one for all languages stays until it is changed', () => {
    expect(textIn('Both', 'nl')).toBe('Both');
    expect(withTextIn('Both', 'nl', 'Kop')).toEqual({ en: 'Both', nl: 'Kop' });
    expect(withTextIn(undefined, 'nl', 'Kop')).toEqual({ nl: 'Kop' });
    expect(withTextIn({ nl: 'Kop' }, 'nl', ' ')).toBeUndefined();
  });

  it('fall back to English, and never to another language', () => {
    expect(textFor({ en: 'Heading' }, 'nl')).toBe('Heading');
    expect(textFor({ nl: 'Kop' }, 'en')).toBeUndefined();
    expect(textFor('Both', 'en')).toBe('Both');
  });

  it('leave nothing behind when they are taken away, and nothing else is touched', () => {
    const i18n = { i18n: { localized: true } };
    const labelled = withPresentation(attribute(), 'label', 'Heading');
    expect(labelled.pluginOptions).toEqual({ cairn: { label: 'Heading' } });
    expect(withPresentation(labelled, 'label', undefined)).toEqual({ type: 'string' });
    const localized = attribute({ label: 'x', width: 'half' }, i18n);
    expect(withPresentation(localized, 'label', undefined).pluginOptions).toEqual({
      ...i18n,
      cairn: { width: 'half' },
    });
    expect(trimTexts(attribute({ label: { nl: ' Kop ' } })).pluginOptions?.cairn).toEqual({ label: { nl: 'Kop' } });
  });

  it('are counted as the server counts them', () => {
    expect(hasLongText(attribute({ label: { nl: '😀'.repeat(120) } }))).toBe(false);
    expect(hasLongText(attribute({ label: { nl: '😀'.repeat(121) } }))).toBe(true);
    expect(hasLongText(attribute({ help: 'x'.repeat(500) }))).toBe(false);
  });
});

describe('the layout of a type', () => {
  const schema: Schema = {
    info: { displayName: 'x' },
    attributes: {},
    pluginOptions: {
      cairn: {
        mainField: 'title',
        columns: ['title', 'slug'],
        sort: 'title:desc',
        groups: [{ label: 'One', fields: ['slug', 'title'] }],
      },
    },
  };

  it('goes with a renamed attribute', () => {
    expect(withNameInPresentation(schema, 'title', 'name').pluginOptions?.cairn).toEqual({
      mainField: 'name',
      columns: ['name', 'slug'],
      sort: 'name:desc',
      groups: [{ label: 'One', fields: ['slug', 'name'] }],
    });
    expect(withNameInPresentation(schema, 'other', 'name')).toBe(schema);
  });

  it('does without one that is removed', () => {
    expect(withNameInPresentation(schema, 'title', null).pluginOptions?.cairn).toEqual({
      columns: ['slug'],
      groups: [{ label: 'One', fields: ['slug'] }],
    });
  });
});
