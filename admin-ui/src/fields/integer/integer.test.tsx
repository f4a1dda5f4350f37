import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { integer } from '.';

describe('integer', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'integer' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: '12' } });
    expect(changes.at(-1)).toEqual(12);
    fireEvent.change(input, { target: { value: '1x' } });
    expect(changes.at(-1)).toEqual('1x');
    fireEvent.change(input, { target: { value: '' } });
    expect(changes.at(-1)).toEqual(null);
  });

  it('reports problems', async () => {
    expect(integer.check({ type: 'integer' }, '1x')?.key).toBe('notANumber');
    expect(integer.check({ type: 'integer' }, 1.5)?.key).toBe('notAnInteger');
    expect(integer.check({ type: 'integer' }, 2147483648)?.key).toBe('outOfRange');
    expect(integer.check({ type: 'integer', min: 3 }, 2)?.key).toBe('tooSmall');
    await renderInput({ type: 'integer' }, null, { error: 'Doesn’t match' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Doesn’t match')).toBeTruthy();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(<integer.Cell attribute={{ type: 'integer' }} value={1234} />);
    expect(container.textContent).toContain('1,234');
    expect(container.querySelector('b,script')).toBeNull();
  });
});
