import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import i18next from 'i18next';
import { beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '@/api/client';
import { EntryForm, Fields } from '@/fields/form/Fields';
import { Providers, startTestTexts } from '@/fields/testing';
import * as translations from '@/api/translations';
import sides from '@/i18n/en/sides.json';
import { testModel } from '@/views/testModel';
import * as toast from '@/ui/toast';
import * as localCopy from '../localCopy';
import { registerSession } from '../sessions';
import { type Side, SideContext } from './side';
import { SideField } from './SideField';
import { localised, localisedType, openSides, shared } from './testing';

const type = localisedType({
  title: localised('string'),
  summary: localised('text'),
  body: localised('richtext'),
  place: shared('string'),
});

const showToast = vi.spyOn(toast, 'showToast');

async function show(
  en: object,
  nl: object,
  outdated: Partial<Side['outdated']> = {},
  more: Partial<Pick<Side, 'glossary' | 'source' | 'translates'>> = {},
) {
  await startTestTexts();
  i18next.addResourceBundle('en', 'sides', sides);
  const { open, beside } = openSides(type, en, nl);
  registerSession(open);
  const side = {
    session: beside,
    host: { id: 'side', store: beside.store, locale: 'nl', Beside: undefined, Tools: undefined, marksShared: false },
    outdated: { open: new Map(), beside: new Map(), ...outdated },
    source: 'open',
    ...more,
  } as unknown as Side;
  const host = {
    store: open.store,
    model: testModel,
    uid: type.uid,
    locale: 'en',
    access: () => ({ disabled: false }),
    Beside: SideField,
  };
  render(
    <SideContext value={side}>
      <EntryForm host={host}>
        <Fields at="" attributes={type.attributes} />
      </EntryForm>
    </SideContext>,
    { wrapper: Providers },
  );
  return { open, beside };
}

beforeEach(() => {
  vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
  showToast.mockReset().mockReturnValue(() => undefined);
});

it('writes each language into its own values, and has shared fields once', async () => {
  const { open, beside } = await show({ title: 'Gate', body: 'One' }, { title: 'Poort', body: 'Een' });
  fireEvent.change(screen.getByLabelText('Title in Dutch'), { target: { value: 'De poort' } });
  fireEvent.change(screen.getByLabelText('Summary'), { target: { value: 'Opens' } });
  expect([open.store.get('title'), beside.store.get('title')]).toEqual(['Gate', 'De poort']);
  expect([open.store.get('summary'), beside.store.get('summary') ?? null]).toEqual(['Opens', null]);
  expect(screen.getByLabelText('Title in Dutch').getAttribute('lang')).toBe('nl');
  expect(screen.getByDisplayValue('Een')).toBeTruthy();
  expect(screen.queryByLabelText('Place in Dutch')).toBeNull();
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it('copies what is empty at once, and what is written after a question', async () => {
  const { open, beside } = await show({ title: 'Gate', summary: 'Opens' }, { title: 'Poort', summary: null });
  fireEvent.click(screen.getByRole('button', { name: 'Copy Summary from English to Dutch' }));
  expect(beside.store.get('summary')).toBe('Opens');
  expect(screen.queryByRole('button', { name: /Copy Summary/ })).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Copy Title from Dutch to English' }));
  const asked = await screen.findByRole('dialog', { name: 'Replace Title in English?' });
  expect(open.store.get('title')).toBe('Gate');
  fireEvent.click(within(asked).getByRole('button', { name: 'Replace' }));
  expect(open.store.get('title')).toBe('Poort');
  expect(showToast.mock.calls.at(-1)?.[0]).toMatchObject({ message: 'Title copied from Dutch to English' });
  void showToast.mock.calls.at(-1)?.[0].undo?.();
  await waitFor(() => expect(open.store.get('title')).toBe('Gate'));
});

it('marks what was written later in one language until the other is written', async () => {
  await show({ title: 'Gate' }, { title: 'Poort' }, { beside: new Map([['title', 1]]) });
  expect(screen.getByText('English changed later')).toBeTruthy();
  fireEvent.change(screen.getByLabelText('Title in Dutch'), { target: { value: 'De poort' } });
  expect(screen.queryByText('English changed later')).toBeNull();
});

const glossary = {
  delivery: { words: { en: 'delivery', nl: 'aflevering' }, note: 'Of a vehicle', translate: true },
  cairn: { words: { en: 'Cairn' }, translate: false },
};

it('lists the terms of the text that is translated, and says which words the translation lacks', async () => {
  await show(
    { title: 'The delivery by Cairn', summary: 'No term' },
    { title: 'De levering door Cairn' },
    {},
    { glossary },
  );
  const terms = screen.getByRole('list', { name: 'Glossary terms in Title' });
  expect(
    within(terms)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual(['“delivery” is “aflevering” in the glossary. (Of a vehicle)', 'Cairn (don’t translate)']);
  expect(screen.queryByRole('list', { name: 'Glossary terms in Summary' })).toBeNull();
  fireEvent.change(screen.getByLabelText('Title in Dutch'), { target: { value: 'De afleveringen van Steenhoop' } });
  await within(terms).findByText('“Cairn” is not translated, according to the glossary.');
  within(terms)
    .getByText(/delivery/)
    .closest('[data-glossary="found"]');
  fireEvent.change(screen.getByLabelText('Title in Dutch'), { target: { value: '' } });
  await waitFor(() => expect(document.querySelector('[data-glossary="missing"]')).toBeNull());
});

it('takes the default language as what is translated, on whichever side it stands', async () => {
  await show({ title: 'Our supply' }, { title: 'Onze aflevering' }, {}, { glossary, source: 'beside' });
  expect(screen.getByText('“aflevering” is “delivery” in the glossary.', { exact: false })).toBeTruthy();
});

it('translates a field only where a plugin does, and marks it until it is edited', async () => {
  const translateTexts = vi.spyOn(translations, 'translateTexts').mockResolvedValue(['De poort']);
  const { beside } = await show({ title: 'The gate' }, {}, {}, { translates: true });
  fireEvent.click(screen.getByRole('button', { name: 'Translate Title from English to Dutch' }));
  await screen.findByDisplayValue('De poort');
  expect(translateTexts.mock.calls[0]?.[0]).toMatchObject({ source: 'en', target: 'nl', texts: ['The gate'] });
  expect(showToast.mock.calls.at(-1)?.[0]).toMatchObject({ message: 'Title translated to Dutch' });
  expect(screen.getByText('Machine translation')).toBeTruthy();
  fireEvent.change(screen.getByLabelText('Title in Dutch'), { target: { value: 'Het hek' } });
  expect(screen.queryByText('Machine translation')).toBeNull();
  // What is written is replaced only after a question.
  fireEvent.click(screen.getByRole('button', { name: 'Translate Title from English to Dutch' }));
  const asked = await screen.findByRole('dialog', { name: 'Translate Title to Dutch again?' });
  expect(beside.store.get('title')).toBe('Het hek');
  fireEvent.click(within(asked).getByRole('button', { name: 'Translate' }));
  await waitFor(() => expect(beside.store.get('title')).toBe('De poort'));
});

it('offers no translation without a plugin', async () => {
  await show({ title: 'The gate' }, {});
  expect(screen.queryByRole('button', { name: /Translate/ })).toBeNull();
});

it('says in words why there is no translation', async () => {
  vi.spyOn(translations, 'translateTexts').mockRejectedValue(
    new ApiError({ status: 503, name: 'x', message: 'x', details: { reason: 'unreachable' } }),
  );
  const { beside } = await show({ title: 'The gate' }, {}, {}, { translates: true });
  fireEvent.click(screen.getByRole('button', { name: 'Translate Title from English to Dutch' }));
  await waitFor(() => expect(showToast).toHaveBeenCalled());
  expect(showToast.mock.calls.at(-1)?.[0]).toMatchObject({
    message: 'Not translated. The translation service can’t be reached. Try again later.',
    failed: true,
  });
  expect(beside.store.get('title') ?? null).toBeNull();
});
