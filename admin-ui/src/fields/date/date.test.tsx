import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { date } from '.';

describe('date', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'date' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: '2026-11-21' } });
    expect(changes.at(-1)).toEqual('2026-11-21');
  });

  it('reports problems', async () => {
    expect(date.check({ type: 'date' }, '2026-02-30')?.key).toBe('notADate');
    expect(date.check({ type: 'date' }, '2028-02-29')?.key).toBe(undefined);
    await renderInput({ type: 'date' }, null, { error: 'Doesn’t match' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Doesn’t match')).toBeTruthy();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(<date.Cell attribute={{ type: 'date' }} value={'2026-11-21'} />);
    expect(container.textContent).toContain('Nov 21, 2026');
    expect(container.querySelector('b,script')).toBeNull();
  });
});
