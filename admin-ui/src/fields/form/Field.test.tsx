import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { renderFields } from '../testing';
import type { OtherEditors } from './context';

it('says once who holds a field, with a button to take it over', async () => {
  const takeOver = vi.fn();
  const others: OtherEditors = { names: ['Anna Visser'], locked: true, takeOver };
  await renderFields({ title: { type: 'string' } }, { title: 'x' }, undefined, {
    presence: { subscribe: () => () => {}, get: () => others },
  });
  expect(screen.getAllByText('Anna Visser is editing this')).toHaveLength(1);
  expect(
    screen.getByRole<HTMLInputElement>('textbox').disabled || screen.getByRole<HTMLInputElement>('textbox').readOnly,
  ).toBe(true);
  const button = screen.getByRole('button', { name: 'Take over editing' });
  expect(button.className).toContain('mantine-Button');
  await userEvent.click(button);
  expect(takeOver).toHaveBeenCalledOnce();
});

it('says of what all languages share that they do, where there are several', async () => {
  const attributes = {
    title: { type: 'string', pluginOptions: { i18n: { localized: true } } },
    price: { type: 'integer' },
    slug: { type: 'uid' },
  } as const;
  const values = { title: 'x', price: 1, slug: 'x' };
  const { unmount } = await renderFields(attributes, values, undefined, { marksShared: true });
  const marked = screen.getAllByText('Same in all languages').map((mark) => mark.closest('[data-field]'));
  expect(marked.map((field) => field?.getAttribute('data-field'))).toEqual(['price']);
  unmount();
  await renderFields(attributes, values);
  expect(screen.queryByText('Same in all languages')).toBeNull();
});
