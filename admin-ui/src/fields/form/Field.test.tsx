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
