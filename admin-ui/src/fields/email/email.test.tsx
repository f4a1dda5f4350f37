import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { email } from '.';

describe('email', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'email' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: 'a@b.nl' } });
    expect(changes.at(-1)).toEqual('a@b.nl');
  });

  it('reports problems', async () => {
    expect(email.check({ type: 'email' }, 'a@b')?.key).toBe('notAnEmail');
    expect(email.check({ type: 'email' }, 'a@b.nl')?.key).toBe(undefined);
    await renderInput({ type: 'email' }, null, { error: 'Doesn’t match' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Doesn’t match')).toBeTruthy();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(<email.Cell attribute={{ type: 'email' }} value={'a@b.nl'} />);
    expect(container.textContent).toContain('a@b.nl');
    expect(container.querySelector('b,script')).toBeNull();
  });
});
