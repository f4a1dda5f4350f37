import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { password } from '.';

describe('password', () => {
  it('keeps the password unless a new one is typed, and removes it on request', async () => {
    const { changes } = await renderInput({ type: 'password' }, undefined);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: 'secret' } });
    expect(changes.at(-1)).toBe('secret');
    fireEvent.change(input, { target: { value: '' } });
    expect(changes.at(-1)).toBeUndefined();
    fireEvent.click(screen.getByText('Remove the password'));
    expect(changes.at(-1)).toBeNull();
  });

  it('is never shown', async () => {
    const { container } = await renderPlain(<password.Cell attribute={{ type: 'password' }} value="secret" />);
    expect(container.textContent).not.toContain('secret');
  });
});
