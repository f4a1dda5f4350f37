import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { decimal } from '.';

describe('decimal', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'decimal' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: '12345678901234567.89' } });
    expect(changes.at(-1)).toEqual('12345678901234567.89');
    fireEvent.change(input, { target: { value: '1.50' } });
    expect(changes.at(-1)).toEqual('1.50');
  });

  it('reports problems', async () => {
    expect(decimal.check({ type: 'decimal', max: '1.05' }, '1.1')?.key).toBe('tooLarge');
    expect(decimal.check({ type: 'decimal' }, '1.2.3')?.key).toBe('notANumber');
    await renderInput({ type: 'decimal' }, null, { error: 'Doesn’t match' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Doesn’t match')).toBeTruthy();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(
      <decimal.Cell attribute={{ type: 'decimal' }} value={'12345678901234567.80'} />,
    );
    expect(container.textContent).toContain('12,345,678,901,234,567.80');
    expect(container.querySelector('b,script')).toBeNull();
  });
});
