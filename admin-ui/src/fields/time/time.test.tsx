import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { time } from '.';

describe('time', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'time' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: '09:30' } });
    expect(changes.at(-1)).toEqual('09:30:00.000');
    fireEvent.change(input, { target: { value: '09:30:15' } });
    expect(changes.at(-1)).toEqual('09:30:15.000');
  });

  it('reports problems', async () => {
    expect(time.check({ type: 'time' }, '25:00')?.key).toBe('notATime');
    await renderInput({ type: 'time' }, null, { error: 'Doesn’t match' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Doesn’t match')).toBeTruthy();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(<time.Cell attribute={{ type: 'time' }} value={'09:30:00.000'} />);
    expect(container.textContent).toContain('09:30');
    expect(container.querySelector('b,script')).toBeNull();
  });
});
