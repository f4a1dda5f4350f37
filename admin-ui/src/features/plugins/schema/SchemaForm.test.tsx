import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { Schema } from './schema';
import { renderForm } from './testing';

const REMINDERS: Schema = {
  type: 'object',
  properties: {
    hours: { type: 'integer', title: 'Hours before', default: 24, minimum: 1 },
    sender: { type: 'string', title: 'Sender' },
    loud: { type: 'boolean', title: 'Loud', default: true },
  },
};

test('edited values are reported, and emptied ones removed', async () => {
  const said = await renderForm(REMINDERS, { sender: 'x' });
  expect(screen.getByLabelText('Hours before').getAttribute('placeholder')).toBe('24');
  await userEvent.type(screen.getByLabelText('Hours before'), '36');
  expect(said.at(-1)).toEqual({ sender: 'x', hours: 36 });
  await userEvent.clear(screen.getByLabelText('Sender'));
  expect(said.at(-1)).toEqual({ hours: 36 });
});

test('a switch shows the default until it is changed', async () => {
  const said = await renderForm(REMINDERS);
  const loud = screen.getByRole('switch', { name: 'Loud' });
  expect((loud as HTMLInputElement).checked).toBe(true);
  await userEvent.click(loud);
  expect(said.at(-1)).toEqual({ loud: false });
});

test('problems are shown at their fields, also within lists', async () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      rules: {
        type: 'array',
        title: 'Rules',
        items: { type: 'object', properties: { name: { type: 'string', title: 'Name' } } },
      },
    },
  };
  const said = await renderForm(
    schema,
    { rules: [{ name: 'a' }] },
    { problemAt: (path: string) => (path === 'rules.0.name' ? 'taken' : undefined) },
  );
  expect(screen.getByText('taken')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Add an item' }));
  expect(said.at(-1)).toEqual({ rules: [{ name: 'a' }, {}] });
  await userEvent.click(screen.getByRole('button', { name: 'Remove item 1' }));
  expect(said.at(-1)).toEqual({ rules: [{}] });
});

test('invalid JSON does not change the value', async () => {
  const said = await renderForm({ type: 'object', properties: { more: { title: 'More' } } });
  await userEvent.type(screen.getByLabelText('More'), '{{"a": ');
  expect(screen.getByText(/not valid JSON yet/)).toBeTruthy();
  expect(said).toEqual([]);
  await userEvent.type(screen.getByLabelText('More'), '1}');
  expect(said.at(-1)).toEqual({ more: { a: 1 } });
});
