import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { enumeration } from '.';

describe('enumeration', () => {
  const attribute = { type: 'enumeration', enum: ['a', 'b'] } as const;

  it('keeps a value that is no longer allowed', async () => {
    await renderInput({ ...attribute, enum: [...attribute.enum] }, 'old');
    fireEvent.click(screen.getByLabelText('Field', { selector: 'input' }));
    expect(screen.getAllByRole('option', { hidden: true }).map((option) => option.textContent)).toEqual([
      'a',
      'b',
      'old',
    ]);
  });

  it('accepts one of its values', () => {
    expect(enumeration.check({ type: 'enumeration', enum: ['a'] }, 'x')?.key).toBe('notOneOf');
    expect(enumeration.check({ type: 'enumeration', enum: ['a'] }, 'a')).toBeNull();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(
      <enumeration.Cell attribute={{ type: 'enumeration', enum: [] }} value="<b>x</b>" />,
    );
    expect(container.textContent).toContain('<b>x</b>');
  });
});
