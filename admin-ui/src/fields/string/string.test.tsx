import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { string } from '.';

describe('string', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'string' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: 'abc' } });
    expect(changes.at(-1)).toEqual('abc');
    fireEvent.change(input, { target: { value: '' } });
    expect(changes.at(-1)).toEqual(null);
  });

  it('reports problems', async () => {
    expect(string.check({ type: 'string', maxLength: 2 }, 'abc')?.key).toBe('tooLong');
    expect(string.check({ type: 'string', maxLength: 3 }, 'a🎈b')?.key).toBe(undefined);
    expect(string.check({ type: 'string', regex: '^a' }, 'b')?.key).toBe('pattern');
    await renderInput({ type: 'string' }, null, { error: 'Doesn’t match' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Doesn’t match')).toBeTruthy();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(<string.Cell attribute={{ type: 'string' }} value={'<b>x</b>'} />);
    expect(container.textContent).toContain('<b>x</b>');
    expect(container.querySelector('b,script')).toBeNull();
  });
});
