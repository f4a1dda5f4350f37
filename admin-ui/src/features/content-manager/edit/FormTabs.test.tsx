import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { EntryStore } from '@/fields/form/store';
import { renderPlain, startTestTexts } from '@/fields/testing';
import FormTabs from './FormTabs';

const tabs = [
  { label: 'Text', parts: [{ label: '', fields: ['text'] }] },
  {
    label: '',
    parts: [
      { label: 'Search', fields: ['seo'] },
      { label: '', fields: ['more'] },
    ],
  },
];

test('a tab counts the problems in it, and a link to one of its fields opens it', async () => {
  await startTestTexts();
  const store = new EntryStore({ text: '', seo: [], more: '' });
  await renderPlain(
    <FormTabs store={store} tabs={tabs} draw={(parts) => parts.flatMap(({ fields }) => fields).join(', ')} />,
  );
  expect(screen.getByRole('tabpanel').textContent).toBe('text');
  act(() => {
    store.setErrors(new Map([['seo.#1.title', 'too long']]));
    store.setProblems(new Map([['more', 'too long']]));
  });
  // Nothing is unnamed: without a text in the reader's language a tab has its number.
  expect(screen.getByRole('tab', { name: /^Tab 2/ }).textContent).toBe('Tab 22');
  act(() => store.reveal('seo.#1.title'));
  expect(screen.getByRole('tabpanel').textContent).toBe('seo, more');
  act(() => store.reveal('title'));
  expect(screen.getByRole('tabpanel').textContent).toBe('seo, more');
  await userEvent.click(screen.getByRole('tab', { name: 'Text' }));
  expect(screen.getByRole('tabpanel').textContent).toBe('text');
});
