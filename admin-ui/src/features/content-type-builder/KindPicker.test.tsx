import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { afterEach, expect, it, vi } from 'vitest';
import { renderPlain, startTestTexts } from '@/fields/testing';
import builder from '@/i18n/en/builder.json';
import builderNl from '@/i18n/nl/builder.json';
import fieldsNl from '@/i18n/nl/fields.json';
import { KindPicker } from './KindPicker';

afterEach(() => i18next.changeLanguage('en'));

/** The kind that is chosen by typing a word and Enter. */
async function kindFor(language: string, word: string): Promise<unknown> {
  await startTestTexts();
  i18next.addResourceBundle('en', 'builder', builder);
  i18next.addResourceBundle('nl', 'builder', builderNl);
  i18next.addResourceBundle('nl', 'fields', fieldsNl);
  await i18next.changeLanguage(language);
  const onKind = vi.fn();
  await renderPlain(<KindPicker isComponent={false} onClose={() => {}} onKind={onKind} onPreset={() => {}} />);
  await userEvent.type(await screen.findByRole('textbox'), `${word}{Enter}`);
  return onKind.mock.calls[0]?.[0];
}

it.each([
  ['en', 'image', 'media'],
  ['en', 'select', 'enumeration'],
  ['en', 'html', 'blocks'],
  ['en', 'url', 'string'],
  ['en', 'color', 'string'],
  ['en', 'slug', 'uid'],
  ['nl', 'plaatje', 'media'],
  ['nl', 'keuzelijst', 'enumeration'],
  ['nl', 'html', 'blocks'],
  ['nl', 'image', 'media'],
  ['nl', 'kleur', 'string'],
])('takes the first kind with Enter, in %s: %s is %s', async (language, word, kind) => {
  expect(await kindFor(language, word)).toBe(kind);
});
