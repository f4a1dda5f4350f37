import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { Attributes } from '@/api/model';
import { EntryForm } from '@/fields/form/Fields';
import type { FieldAccess, FormHost } from '@/fields/form/context';
import { EntryStore } from '@/fields/form/store';
import { emptyModel, renderPlain } from '@/fields/testing';
import { FormSection } from './FormSection';
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

const attributes: Attributes = {
  text: { type: 'string' },
  seo: { type: 'component', component: 'shared.seo', repeatable: true },
  more: { type: 'string' },
};

async function draw(of: Attributes, access: FormHost['access'] = () => ({ disabled: false })) {
  const store = new EntryStore({ kind: 'page', text: '', seo: [], more: '' });
  const host: FormHost = { store, model: emptyModel, uid: 'api::test.test', access };
  await renderPlain(
    <EntryForm host={host}>
      <FormSection attributes={of} part={{ label: 'Extra', fields: ['more'] }} />
      <FormTabs attributes={of} tabs={tabs} draw={(parts) => parts.flatMap(({ fields }) => fields).join(', ')} />
    </EntryForm>,
  );
  return store;
}

const hideSeo = (path: string): FieldAccess => ({ disabled: path === 'seo', hidden: path === 'seo' });
const tabNames = () => screen.queryAllByRole('tab').map((tab) => tab.textContent);

test('a tab or a heading stands only above fields that are drawn', async () => {
  const visible = { '==': [{ var: 'kind' }, 'article'] };
  const conditional: Attributes = {
    ...attributes,
    kind: { type: 'string' },
    more: { type: 'string', conditions: { visible } },
  };
  const store = await draw(conditional, hideSeo);
  expect(tabNames()).toEqual(['Text']);
  expect(screen.queryByRole('heading', { name: 'Extra' })).toBeNull();
  act(() => store.set('kind', 'article'));
  expect(tabNames()).toEqual(['Text', 'Tab 2']);
  expect(screen.getByRole('heading', { name: 'Extra' })).toBeTruthy();
  // Somebody stands in a tab that goes.
  await userEvent.click(screen.getByRole('tab', { name: 'Tab 2' }));
  act(() => store.set('kind', 'page'));
  expect(screen.getByRole('tabpanel').textContent).toBe('text');
});

test('a form without any field that is drawn has no tabs', async () => {
  await draw(attributes, () => ({ disabled: true, hidden: true }));
  expect(screen.queryByRole('tablist')).toBeNull();
});

test('a tab counts the problems in it, and a link to one of its fields opens it', async () => {
  const store = await draw(attributes);
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
