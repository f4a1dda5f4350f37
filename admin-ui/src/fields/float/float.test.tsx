import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { float } from '.';

describe('float', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'float' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: '1,5' } });
    expect(changes.at(-1)).toEqual(1.5);
    fireEvent.change(input, { target: { value: '-0.25' } });
    expect(changes.at(-1)).toEqual(-0.25);
  });

  it('reports problems', async () => {
    expect(float.check({ type: 'float' }, 'x')?.key).toBe('notANumber');
    await renderInput({ type: 'float' }, null, { error: 'Doesn’t match' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Doesn’t match')).toBeTruthy();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(<float.Cell attribute={{ type: 'float' }} value={1.5} />);
    expect(container.textContent).toContain('1.5');
    expect(container.querySelector('b,script')).toBeNull();
  });
});
